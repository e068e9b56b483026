"""G15: what the pods request instead of a share that the backend of a cluster cannot give exactly.

MIG has a few sizes, qGPU and ACK count cores in steps of 5 % and memory in GiB, and other backends divide a card into
equal parts. What a spec asks for is rounded, and this note says to what. It is no mistake.

Passes, on a cluster with the backend qgpu:

    resources: {gpu: 0.2(T4)}

Fails, because the pods request 25 % of the cores:

    resources: {gpu: 0.23(T4)}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.placements import requested_gpu
from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.spec.values.gpu import Gpu

ID: Final = "G15"
SEVERITY: Final = Severity.NOTE


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a note for each request that is rounded."""
    placements = context.placements
    for instance in context.instances:
        gpu = requested_gpu(instance)
        if gpu is not None and (rounded := placements.of(instance).rounded) is not None:
            message = f"found {_asked(gpu)}, and the pods request {rounded}"
            place, where = instance.position("resources", "gpu"), (instance.environment.name,)
            yield Finding(ID, message, place, severity=SEVERITY, environments=where)


def _asked(gpu: Gpu) -> str:
    card = f" of {gpu.card}" if gpu.card is not None else " of a card"
    memory = f"{gpu.memory_mib} MiB and " if gpu.memory_mib is not None else ""
    return f"{memory}{gpu.percent} %{card}" if gpu.percent else f"{gpu.count}{card}"
