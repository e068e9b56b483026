"""H08: the split and header rules of a target do not apply to requests that another service's route sends to it.

The gateway evaluates the route of the requested host once. It therefore ignores the split and the header rules of a
target, and a cycle of splits does not send a request in a circle.

Passes:

    # resnet50-2.yaml                        # resnet50-1.yaml
    split: resnet50-1:20%

Fails:

    # resnet50-2.yaml                        # resnet50-1.yaml
    split: resnet50-1:20%                    split: resnet50-2:50%
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.fleet.routes import RouteReference

ID: Final = "H08"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each split or header target that has a split or header rules itself."""
    for reference in context.routing.references:
        target = reference.target
        if reference.key != "mirror" and target is not None and not reference.to_itself:
            yield from _ignored(reference, target)


def _ignored(reference: RouteReference, target: ServiceInstance) -> Iterator[Finding]:
    source = reference.source.service.name
    shares, rules = target.settings.split or (), target.settings.headers or ()
    also = (target.position("split" if shares else "headers"),)
    if any(share.service == source for share in shares) or any(rule.service == source for rule in rules):
        message = f"{source} and {reference.name} send requests to each other, but a routed request is not routed again"
        yield Finding(ID, message, reference.position, "remove one of the two", severity=SEVERITY, also=also)
    elif shares or rules:
        message = f"{reference.name} has routing rules, but they do not apply to requests from {source}"
        yield Finding(
            ID, message, reference.position, f"name their targets in {source} as well", severity=SEVERITY, also=also
        )
