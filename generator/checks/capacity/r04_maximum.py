"""R04: the pods that autoscalers may start should fit on the nodes.

Counted are all services of a cluster at their highest number of replicas. Where they do not fit together, an autoscaler
that grows late gets nothing: its pods stay pending. It is a warning, since not all services grow at once.

Passes, with the pool `t4: {nodes: 2, cpu: 32, memory: 128Gi, card: T4, cards: 4}`:

    replicas: 2~8
    hpa: cpu:50%
    resources: {gpu: 1(T4)}

Fails:

    replicas: 2~10
    hpa: cpu:50%
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

ID: Final = "R04"
SEVERITY: Final = Severity.WARNING
_HINT: Final = "lower the highest number of replicas, or add nodes"


def check(context: CapacityContext) -> Iterator[Finding]:
    """Yield a warning for each cluster whose pods do not fit at their highest number."""
    yield from find_shortages(context, Scenario.MAXIMUM, ID, SEVERITY, "the maximum", _HINT, "replicas")
