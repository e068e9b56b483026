"""H21: a client keeps coming to one pod only as long as its requests go to one service.

`traffic: {sticky: …}` chooses among the pods of a service. A `split` chooses the service first, anew for each request,
so a client changes between its pods of both services. Each target needs `sticky` too, or its pods are chosen at random.
A `rollout` is such a split until its last step.

Passes:

    traffic: {sticky: {cookie: session}}

Fails:

    traffic: {sticky: {cookie: session}}
    split: chat-2:20%
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.routes import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "H21"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each service with sticky clients whose requests are split, now or by a rollout."""
    yield from _splits(context)
    for instance in context.instances:
        waits = instance.rollout is not None and context.routing.state(instance) is State.WAITING
        if waits and _is_sticky(instance):
            name = instance.service.name
            message = f"`rollout` of {name} chooses a service anew for each request until it ends, despite `sticky`"
            hint = "accept the finding with a waiver of H21 if clients may change to other pods meanwhile"
            also = (instance.position("traffic"),)
            yield Finding(ID, message, instance.in_environment("rollout"), hint, severity=SEVERITY, also=also)


def _is_sticky(instance: ServiceInstance) -> bool:
    traffic = instance.settings.traffic
    return traffic is not None and traffic.sticky is not None


def _splits(context: CheckContext) -> Iterator[Finding]:
    for owner in context.routing.owners():
        split = owner.settings.split or ()
        total = sum(share.percent for share in split)
        if not _is_sticky(owner) or not split or (total == 100 and len(split) == 1):
            continue
        message = f"`split` of {owner.service.name} chooses a service anew for each request, despite `sticky`"
        hint = "send chosen clients by a rule of `headers`, or remove `sticky`"
        also = (owner.position("traffic"),)
        yield Finding(ID, message, owner.position("split"), hint, severity=SEVERITY, also=also)
