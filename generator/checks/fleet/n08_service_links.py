"""N08: service links should be off if a Service's name is the prefix of variables that a server reads.

With `enableServiceLinks`, which servegen turns off, each Service of the namespace adds variables named after itself to
every container: `vllm` adds VLLM_PORT=tcp://…, which vLLM reads as its port.

Source: vLLM documentation, Environment Variables; Kubernetes documentation, Service, Environment variables.

Passes, because the links stay off, with `services/llm/chat/vllm.yaml` beside it:

    type: vllm

Fails:

    type: vllm
    patches:
      - kind: Deployment
        spec: {template: {spec: {enableServiceLinks: true}}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.patched import apply_patches, below, deployment
from generator.core.finding import Finding, Severity
from generator.core.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "N08"
SEVERITY: Final = Severity.WARNING
_LINKS: Final = ("spec", "template", "spec", "enableServiceLinks")
_REGISTRY: Final = regex(r"(?:[^/]*[.:][^/]*|localhost)/")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each service with links if a service in its namespace, possibly itself, has such a name."""
    for entries in context.fleet.instances.values():
        for instance in entries.values():
            index = _switched_on(instance) if instance.settings.patches else None
            if index is None:
                continue
            read = _prefixes(instance)
            for other in entries.values():
                if other.namespace == instance.namespace and _variables(other.service.name) in read:
                    yield _clash(instance, index, other)


def _switched_on(instance: ServiceInstance) -> int | None:
    """Return the index of the patch that turns service links on, or None; a missing key turns them on too."""
    on = None
    for index, tree in apply_patches(instance, deployment(instance)):
        linked = below(tree, *_LINKS) is not False
        on = (index if on is None else on) if linked else None
    return on


def _clash(instance: ServiceInstance, index: int, other: ServiceInstance) -> Finding:
    prefix, name = _variables(other.service.name), other.service.name
    message = (
        f"service links set the variables {prefix}_* of the Service {name} in {instance.service.name}, which reads them"
    )
    hint = "remove `enableServiceLinks` from the patch"
    position, also = instance.position("patches", index, *_LINKS), (other.service.document.position(),)
    return Finding(ID, message, position, hint, severity=SEVERITY, also=also, environments=(instance.environment.name,))


def _variables(name: str) -> str:
    """Return the prefix of a Service's variables, without the underscore."""
    return name.upper().replace("-", "_")


def _prefixes(instance: ServiceInstance) -> set[str]:
    """Return the prefixes of a server's variables: of its type, its image's names, and the variables in the spec."""
    image = _REGISTRY.sub("", instance.settings.image or "", count=1)
    words = [instance.service.spec.type, *image.partition("@")[0].partition(":")[0].split("/")]
    set_here = [name.partition("_")[0] for name in instance.settings.env or {} if "_" in name]
    return {word.partition("-")[0].upper() for word in words} | set(set_here)
