"""R03: the pods that always run must fit on the nodes.

Counted are all services of all environments on a cluster, each with its lowest number of replicas. A lower bound proves
that no scheduler can place them all. The finding is at the newest of the services that do not fit.

Passes, with the pool `t4: {nodes: 2, cpu: 32, memory: 128Gi, card: T4, cards: 4}`:

    replicas: 8
    resources: {gpu: 1(T4)}

Fails:

    replicas: 9
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

ID: Final = "R03"
SEVERITY: Final = Severity.ERROR
_HINT: Final = "lower replicas or resources, or add nodes; `servegen capacity` shows what uses the pool"


def check(context: CapacityContext) -> Iterator[Finding]:
    """Yield an error for each cluster whose pods do not fit at their lowest number."""
    yield from find_shortages(context, Scenario.MINIMUM, ID, SEVERITY, "the minimum", _HINT, "replicas")
