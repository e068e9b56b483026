"""G20: in production, something limits what a pod takes of the memory of a card that it shares.

With time-slicing, KAI, the open GPU sharing of Alibaba Cloud and some kinds of node pools, a share is an account: a
process may take all of the card's memory, and the other pods of the card fail. The servers vllm, sglang and tfserving
get the option that limits them. Another server must limit itself, which a waiver can say.

Passes, on a cluster with the backend kai:

    type: vllm
    resources: {gpu: 0.5(A100-80G)}

Fails, on a cluster with the backend kai:

    type: triton-server
    resources: {gpu: 0.5(A100-80G)}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.placements import requested_gpu
from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "G20"
SEVERITY: Final = Severity.WARNING
_OPTION: Final = "memory_fraction"


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each service in production that shares a card without a limit of its memory."""
    placements = context.placements
    for instance in context.production_instances:
        if requested_gpu(instance) is None or placements.of(instance).memory_fraction is None:
            continue
        if instance.launch is None or _OPTION not in instance.server.options:
            backend = instance.environment.facts.gpu.backend
            message = f"the backend {backend} does not limit the memory of a share, and neither does the server"
            hint = "limit it in the server's configuration and waive this, or ask for a whole card"
            place, where = instance.position("resources", "gpu"), (instance.environment.name,)
            yield Finding(ID, message, place, hint, severity=SEVERITY, environments=where)
