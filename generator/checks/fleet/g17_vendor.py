"""G17: the vendor that a request names must be that of the card.

Passes:

    resources: {gpu: "1(npu,910B3)"}

Fails, because a T4 is not Ascend's:

    resources: {gpu: "1(npu,T4)"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.placements import requested_gpu
from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "G17"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each request for a card of another vendor."""
    for instance in context.bases_and_instances:
        gpu, card = requested_gpu(instance), instance.card
        if gpu is None or gpu.card is None or card is None or gpu.maker in (None, card.vendor):
            continue
        message = f"found the vendor {gpu.vendor}, but {gpu.card} is a card of {card.vendor}"
        hint = f"write ({gpu.card}), or ({card.vendor},{gpu.card})"
        yield Finding(ID, message, instance.position("resources", "gpu"), hint)
