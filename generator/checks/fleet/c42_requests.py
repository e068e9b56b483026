"""C42: pods with a card or with a downloaded model should request the memory and the disk that they use.

A node that runs out of memory first ends pods that use more than they request, and with the pod of a card, its loaded
model is lost. So in production the request of a service with a card should be its limit. A model that is downloaded
into the pod is on the disk of the node: without `ephemeral`, the scheduler puts it where there is no room for it.

Source: Kubernetes documentation, Node-pressure Eviction, Pod selection for kubelet eviction.

Passes:

    resources: {memory: 16G, gpu: 1}

Fails:

    resources: {memory: 2G~16G, gpu: 1}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.spec.settings import Resources

ID: Final = "C42"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each service in production that uses more than it requests."""
    for instance in context.production_instances:
        resources = instance.settings.resources
        if resources is not None:
            yield from _memory(instance, resources)
            yield from _disk(instance, resources)


def _memory(instance: ServiceInstance, resources: Resources) -> Iterator[Finding]:
    memory = resources.memory
    if resources.gpu is not None and resources.gpu.has_card and memory is not None and memory.request != memory.limit:
        message = (
            f"{instance.service.name} has a card and may use {memory.limit} of memory, but requests {memory.request}"
        )
        message += ": a node without memory ends it first"
        yield _finding(instance, "memory", message, f"write memory: {memory.limit}")


def _disk(instance: ServiceInstance, resources: Resources) -> Iterator[Finding]:
    if instance.launch is not None and instance.launch.files.fetched != 0 and resources.ephemeral is None:
        message = f"{instance.service.name} downloads its model to the disk of the node, of which it requests nothing"
        yield _finding(
            instance, "ephemeral", message, "write for example ephemeral: 1G; the model's size is added to it"
        )


def _finding(instance: ServiceInstance, key: str, message: str, hint: str) -> Finding:
    place, where = instance.position("resources", key), (instance.environment.name,)
    return Finding(ID, message, place, hint, severity=SEVERITY, environments=where)
