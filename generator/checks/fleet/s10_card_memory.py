"""S10: the memory of a share cannot be more than a card has.

The backend's scheduler finds no card for such a pod, which stays pending. Without the name of a card the check takes
the largest one of the cluster (`gpu.cards` of the platform file), if it knows all of them.

Passes:

    resources: {gpu: "8G,0.2(T4)"}

Fails:

    resources: {gpu: "20G,0.2(T4)"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import Fleet, ServiceInstance

ID: Final = "S10"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each share with more memory than its card, or than any card of its cluster."""
    for instance in context.instances:
        gpu = instance.settings.gpu
        if gpu is None or gpu.memory_mib is None:
            continue
        card, mib = _largest(context.fleet, instance)
        if gpu.memory_mib > mib > 0:
            message = f"found {gpu.memory_mib} MiB of a card, but {card} has {mib} MiB"
            hint = f"write at most {mib // 1024}G" + ("" if mib % 1024 == 0 else f", or {mib}M")
            place, where = instance.position("resources", "gpu"), (instance.environment.name,)
            yield Finding(ID, message, place, hint, environments=where)


def _largest(fleet: Fleet, instance: ServiceInstance) -> tuple[str, int]:
    """Return the name and the memory of the card; of the cluster's largest one if none is named; 0 if unknown."""
    gpu = instance.settings.gpu
    if instance.card is not None and gpu is not None and gpu.card is not None:
        return gpu.card, instance.card.mib
    names = (instance.environment.facts.gpu.cards or ()) if gpu is not None and gpu.card is None else ()
    cards = {name: fleet.catalog.cards.get(name) for name in names}
    sizes = {name: card.mib for name, card in cards.items() if card is not None}
    if not sizes or len(sizes) < len(cards):
        return "", 0
    name = max(sizes, key=lambda one: sizes[one])
    return name, sizes[name]
