"""C10: an image should be one whose project is still maintained.

Images of other projects get no security patches. The check knows Hugging Face's text-generation-inference, ONNX Runtime
Server, TorchServe, and KFServing, which became KServe. It compares the end of the image's name, so that copies in a
mirror count too.

Passes:

    image: vllm/vllm-openai:v0.11.0

Fails:

    image: ghcr.io/huggingface/text-generation-inference:3.3.6
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.core.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.context import CheckContext
    from generator.core.finding import Position

ID: Final = "C10"
SEVERITY: Final = Severity.WARNING
# The end of an image's name, and what its users can move to.
_ARCHIVED: Final[Mapping[str, tuple[str, str]]] = {
    "huggingface/text-generation-inference": ("text-generation-inference", "serve the model with vLLM or SGLang"),
    "onnxruntime/server": ("ONNX Runtime Server", "write type: triton-server, which runs ONNX models"),
    "pytorch/torchserve": ("TorchServe", "serve the model with Triton, which runs PyTorch models"),
    "kfserving/*": ("KFServing", "write the image of KServe for this server, such as kserve/sklearnserver, with a tag"),
}
_NAME: Final = regex(r"(?:^|/)([^/]+)/([^/:@]+)(?::[^/@]*)?(?:@.*)?\Z")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each place that sets an archived image."""
    seen: set[Position] = set()
    for instance in context.starting_instances:
        found = _archived(instance.settings.image or "")
        if found is None or instance.server.notice is not None:
            continue
        project, hint = found
        place = instance.position("image")
        if place not in seen:
            seen.add(place)
            message = f"found the image {instance.settings.image}, but {project} is no longer maintained"
            yield Finding(ID, message, place, hint, severity=SEVERITY)


def _archived(image: str) -> tuple[str, str] | None:
    match = _NAME.search(image)
    if match is None:
        return None
    folder, name = match.groups()
    return _ARCHIVED.get(f"{folder}/{name}") or _ARCHIVED.get(f"{folder}/*")
