"""G14: the GPU backend of a cluster must know what it needs of the cluster.

A backend that divides cards into equal parts needs their number, and KAI needs the queue of the pods. The cluster's
`gpu` in the platform file has a key for each of these facts.

Passes:

    gpu: {backend: time-slicing, parts: 4}

Fails:

    gpu: {backend: time-slicing}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.placements import requested_gpu
from generator.core.finding import Finding, Severity
from generator.spec.values.gpu import Gpu

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "G14"
SEVERITY: Final = Severity.ERROR
# What services usually ask for: a backend should know what it needs before the first one does.
_USUAL: Final = (Gpu(count=1), Gpu(percent=50))


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each fact that the backend of a cluster lacks."""
    placements, fleet = context.placements, context.fleet
    found: dict[tuple[str, str, str], None] = {}
    for name, facts in fleet.platform.clusters.items():
        lacking = (placements.of_request(facts, gpu).lacking for gpu in _USUAL)
        found |= {(name, *one): None for one in lacking if one is not None}
    for instance in context.instances:
        if requested_gpu(instance) is not None and (one := placements.of(instance).lacking) is not None:
            found[instance.environment.cluster, *one] = None
    for name, message, hint in found:
        yield Finding(ID, message, fleet.platform_position("clusters", name, "gpu", "backend"), hint)
