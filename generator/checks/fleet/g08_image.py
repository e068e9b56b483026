"""G08: an image of one's own should be one for the nodes on which it runs.

An image with the libraries for cards is of no use to a service that requests no card, and an image without them leaves
a card unused. The check reads the tag of an `image` that a spec sets: the words gpu, cuda, cu and a version, or rocm,
against cpu. A service that gets its cards by a patch, or by NVIDIA_VISIBLE_DEVICES, is not checked.

Passes:

    image: example.com/server:1.2-gpu
    resources: {gpu: 1}

Fails:

    image: example.com/server:1.2-gpu
    resources: {gpu: 0}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.own_launch import sets_image
from generator.core.finding import Finding, Severity
from generator.core.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "G08"
SEVERITY: Final = Severity.WARNING
_WORD: Final = regex(r"(?<![a-z0-9])(?:(?P<gpu>gpu|cuda[0-9]*|cu1[0-9]{1,2}|rocm[0-9]*)|(?P<cpu>cpu))(?![a-z0-9])")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each image whose tag does not fit the request for cards."""
    for instance in context.starting_instances:
        kind = _kind(instance.settings.image or "")
        if kind and kind != ("gpu" if _has_card(instance) else "cpu") and sets_image(instance):
            if kind == "cpu":
                yield _unused_card(instance)
            elif not _gets_cards(instance):
                yield _useless_image(instance)


def _kind(image: str) -> str:
    """Return `gpu` or `cpu` if the tag of an image says for what it is; else an empty string."""
    tag = image.rpartition("/")[2].partition("@")[0].partition(":")[2]
    found = {match.lastgroup or "" for match in _WORD.finditer(tag.lower())}
    return found.pop() if len(found) == 1 else ""


def _has_card(instance: ServiceInstance) -> bool:
    gpu = instance.settings.gpu
    return gpu is not None and gpu.has_card


def _gets_cards(instance: ServiceInstance) -> bool:
    """Whether a service gets cards without `resources`."""
    settings = instance.settings
    visible = (settings.env or {}).get("NVIDIA_VISIBLE_DEVICES", "void")
    return visible not in ("void", "none", "") or "/gpu" in str(settings.patches or "")


def _unused_card(instance: ServiceInstance) -> Finding:
    message = f"found the image {instance.settings.image}, which is for nodes without a card, beside a request for one"
    hint = "write an image for cards, or resources: {gpu: 0}"
    return Finding(ID, message, instance.position("image"), hint, severity=SEVERITY)


def _useless_image(instance: ServiceInstance) -> Finding:
    message = f"found the image {instance.settings.image}, which is for nodes with a card, but no request for one"
    hint = "write an image for nodes without a card, or for example resources: {gpu: 1}"
    return Finding(ID, message, instance.position("image"), hint, severity=SEVERITY)
