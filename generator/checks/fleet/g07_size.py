"""G07: a model should fit into the memory of its service.

The check compares `size` of the registry with the memory of the cards that a service requests, if the card is known,
or with the memory that is given for a share. A service without a card needs the size as its own memory. A server needs
more than the files of a model, so that a model that fits may still be too large.

Passes, with `size: 3G` in the registry:

    resources: {memory: 8G}

Fails:

    resources: {memory: 2G}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.spec.values import quantity
from generator.spec.values.byte_size import format_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import Fleet, ServiceInstance

ID: Final = "G07"
SEVERITY: Final = Severity.WARNING
_MIB: Final = 1 << 20


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each service with less memory than its model has bytes."""
    for instance in context.starting_instances:
        size = instance.version.size if instance.version is not None else None
        if size is None:
            continue
        card = _card_memory(instance)
        if card is not None and card < size:
            message = f"has {format_size(card)} of card memory"
            yield _small(context.fleet, instance, size, message, "gpu", "request more cards, or a larger share")
        memory = _memory(instance)
        if memory is not None and memory < size:
            hint = f"request more than {format_size(size)}"
            yield _small(context.fleet, instance, size, f"has {format_size(memory)} of memory", "memory", hint)


def _card_memory(instance: ServiceInstance) -> int | None:
    """Return the memory of all cards of a service in bytes; None without a card, or for an unknown one."""
    gpu = instance.settings.gpu
    if gpu is None:
        return None
    if gpu.memory_mib is not None:
        return gpu.memory_mib * _MIB
    if instance.card is None:
        return None
    percent = gpu.percent if gpu.percent is not None else 100 * (gpu.count or int(gpu.shared))
    return instance.card.mib * _MIB * percent // 100 or None


def _memory(instance: ServiceInstance) -> int | None:
    """Return the memory limit in bytes of a service without a card; None with a card, which holds the model."""
    resources = instance.settings.resources
    if resources is None or resources.memory is None:
        return None
    gpu = resources.gpu
    if gpu is not None and gpu.has_card:
        return None
    return quantity.size(resources.memory.limit)


def _small(fleet: Fleet, instance: ServiceInstance, size: int, found: str, key: str, hint: str) -> Finding:
    spec = instance.service.spec
    entry = fleet.models[instance.service.project, spec.model]
    also = (entry.document.position(("versions", spec.version, "size")),)
    message = f"{spec.model} {spec.version} has {format_size(size)}, but {instance.service.name} {found}"
    return Finding(ID, message, instance.position("resources", key), hint, severity=SEVERITY, also=also)
