"""H07: the target of a mirror or a split must be able to take its share.

Mirrored requests load their target as much as the requests themselves would. Of a split of 50 % of ten replicas, the
target gets what five replicas get.

A target's own mirror does not apply to these copies: the gateway copies once, and the copy bypasses the target's route.

Passes:

    # 3 replicas                             # resnet50-1.yaml: 1 replica
    mirror: resnet50-1:30%

Fails, because one replica gets as much as three:

    # 3 replicas                             # resnet50-1.yaml: 1 replica
    mirror: resnet50-1:100%
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from generator.checks.fleet.replicas import at_least, at_most
from generator.core.finding import Finding, Severity
from generator.render.views.route.istio import since

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.fleet.routes import RouteReference

ID: Final = "H07"
SEVERITY: Final = Severity.WARNING
# The first Istio version whose VirtualService has a list of mirrors, among the API releases that were checked.
_SEVERAL: Final = (1, 19)


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield findings for mirrors above 100 %, unsupported lists of mirrors, small targets, chains and cycles."""
    for owner in context.routing.owners():
        total = sum(share.percent for share in owner.settings.mirror or ())
        if total > 100:
            message = f"{owner.service.name} mirrors {total} % of its requests, expected at most 100 %"
            yield Finding(
                ID,
                message,
                owner.position("mirror"),
                "lower the percentages to a total of at most 100 %",
                severity=SEVERITY,
            )
        facts = owner.environment.facts
        if len(owner.settings.mirror or ()) > 1 and facts.routing == "istio" and not since(facts, *_SEVERAL):
            message = f"Istio {facts.istio} of {owner.environment.cluster} copies requests to one service only"
            hint = "name one service, or upgrade Istio to 1.19"
            yield Finding(ID, message, owner.position("mirror"), hint, severity=Severity.ERROR)
    for reference in context.routing.references:
        if reference.target is not None and not reference.to_itself and reference.key in ("mirror", "split"):
            yield from _weak(reference, reference.target)
            if reference.key == "mirror":
                yield from _chained(reference, reference.target)


def _weak(reference: RouteReference, target: ServiceInstance) -> Iterator[Finding]:
    needed = math.ceil(at_least(reference.source) * (reference.percent or 0) / 100)
    if at_most(target) < needed:
        message = (
            f"{reference.name} has at most {at_most(target)} of the {needed} replicas "
            f"that {reference.percent} % of {reference.source.service.name}'s requests need"
        )
        hint = _lower(reference, target)
        yield Finding(ID, message, reference.position, hint, severity=SEVERITY, also=(target.position("replicas"),))


def _lower(reference: RouteReference, target: ServiceInstance) -> str:
    """Return the percentage for which the target's replicas are enough; its owner decides about more replicas."""
    fits = at_most(target) * 100 // max(1, at_least(reference.source))
    return f"write {reference.name}:{fits}%, or raise the replicas of {reference.name}"


def _chained(reference: RouteReference, target: ServiceInstance) -> Iterator[Finding]:
    if target.settings.mirror:
        back = any(share.service == reference.source.service.name for share in target.settings.mirror)
        what = f"back to {reference.source.service.name}" if back else "its own requests"
        message = f"{reference.name} mirrors {what}, but a mirrored request is not mirrored again"
        hint = f"name all services that should get copies in `mirror` of {reference.source.service.name}"
        yield Finding(ID, message, reference.position, hint, severity=SEVERITY, also=(target.position("mirror"),))
