"""R05: a rollout should have room for the pods that it adds.

With `update: surge`, or without the key where that is the default, new pods start before old ones end. Counted is one
app at a time, beside all services at their lowest number. Without room the new pods stay pending and the rollout stops,
with the old pods in place.

Passes, with the pool `t4: {nodes: 2, cpu: 32, memory: 128Gi, card: T4, cards: 4}`:

    replicas: 8
    update: replace
    resources: {gpu: 1(T4)}

Fails:

    replicas: 8
    update: surge
    resources: {gpu: 1(T4)}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.capacity.shortages import find_shortages
from generator.core.finding import Severity
from generator.fleet.capacity.forecast import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.capacity import CapacityContext
    from generator.core.finding import Finding

ID: Final = "R05"
SEVERITY: Final = Severity.WARNING
_HINT: Final = "add a node, or write update: replace, which ends an old pod first"


def check(context: CapacityContext) -> Iterator[Finding]:
    """Yield a warning for each cluster on which the rollout of an app has no room."""
    yield from find_shortages(context, Scenario.SURGE, ID, SEVERITY, "a rollout", _HINT, "update")
