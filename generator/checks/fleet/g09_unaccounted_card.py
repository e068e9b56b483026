"""G09: a card should not be used without a request for it where people depend on it.

With `gpu: -1`, and with NVIDIA_VISIBLE_DEVICES in `env` of a service without a card, pods use every card of their node:
the scheduler does not know of it, and the memory that they take is missing for those who asked for the card. The check
looks at environments whose stage does not run pods for interactive work.

Passes:

    resources: {gpu: 0.2(T4)}

Fails:

    resources: {gpu: -1}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.placements import Placements, requested_gpu
from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "G09"
SEVERITY: Final = Severity.WARNING
_VARIABLE: Final = "NVIDIA_VISIBLE_DEVICES"
_NO_CARD: Final = ("void", "none", "")
_HINT: Final = "ask for a card or a share, for example `resources: {gpu: 1}`"


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each service that uses cards without a request."""
    placements = context.placements
    for instance in context.instances:
        if not instance.rules.interactive:
            yield from _found(instance, placements)


def _found(instance: ServiceInstance, placements: Placements) -> Iterator[Finding]:
    gpu, here = requested_gpu(instance), (instance.environment.name,)
    if gpu is not None and gpu.shared and placements.of(instance).refusal is None:
        message = f"{instance.service.name} uses all cards of its node, and the scheduler does not know of it"
        place = instance.position("resources", "gpu")
        yield Finding(ID, message, place, _HINT, severity=SEVERITY, environments=here)
    visible = (instance.settings.env or {}).get(_VARIABLE)
    if gpu is None and isinstance(visible, str) and visible not in _NO_CARD:
        message = f"{_VARIABLE} shows {instance.service.name} the cards of its node, for which it does not ask"
        place = instance.position("env", _VARIABLE)
        yield Finding(ID, message, place, f"{_HINT}, or remove the variable", severity=SEVERITY, environments=here)
