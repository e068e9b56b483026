"""R06: a takeover should have room for two versions.

When a new version takes a host over, all its pods start while the old version still has its own; at a roll-back, the
earlier version starts beside the new one. Counted is one service at a time, beside all services at their lowest number.
The next version is counted as large as the one that runs.

Passes, with the pool `t4: {nodes: 2, cpu: 32, memory: 128Gi, card: T4, cards: 4}`:

    replicas: 4
    resources: {gpu: 1(T4)}

Fails:

    replicas: 5
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

ID: Final = "R06"
SEVERITY: Final = Severity.WARNING
_HINT: Final = "add nodes, or undeploy the old version before the new one is deployed: requests fail meanwhile"


def check(context: CapacityContext) -> Iterator[Finding]:
    """Yield a warning for each cluster on which a takeover has no room."""
    yield from find_shortages(context, Scenario.TAKEOVER, ID, SEVERITY, "a takeover", _HINT, "replicas")
