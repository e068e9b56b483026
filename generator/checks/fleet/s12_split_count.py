"""S12: a share of a card should be one that the backend gives as often as it fits.

HAMi gives a card to at most `deviceSplitCount` pods, 10 unless its configuration says otherwise (`gpu.split_count` of
the cluster). Ten pods with 5 % each fill such a card, and half of it stays unused.

Source: HAMi documentation, Configure, nvidia.deviceSplitCount.

Passes:

    resources: {gpu: 0.1(T4)}

Fails:

    resources: {gpu: 0.05(T4)}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "S12"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each share of which a card cannot give as many as fit."""
    for instance in context.instances:
        gpu = instance.settings.gpu
        facts = instance.environment.facts.gpu
        count = facts.tenants
        if gpu is None or not gpu.percent or count is None or gpu.percent * count >= 100:
            continue
        message = (
            f"found a share of {gpu.percent} %, but {instance.environment.cluster} gives a card to {count} pods at most"
        )
        hint = f"write {-(-100 // count) / 100:g} or more: the rest of the card stays unused"
        place, where = instance.position("resources", "gpu"), (instance.environment.name,)
        yield Finding(ID, message, place, hint, severity=SEVERITY, environments=where)
