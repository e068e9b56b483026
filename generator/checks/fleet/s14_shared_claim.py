"""S14: two services should not need a claim that one node or one pod mounts.

A service on another node than the first one never starts; with ReadWriteOncePod, it does not start anywhere. This also
holds for a takeover: the new version starts while the old one runs, and the old one ends only when the new one is
ready. So a version that uses the claim of its predecessor never takes over.

Passes, with claims: {store: ReadOnlyMany}:

    # m-1.yaml                               # m-2.yaml
    volumes: store(pvc-share):/mnt           volumes: store(pvc-share):/mnt

Fails, with claims: {store: ReadWriteOncePod}:

    # m-1.yaml                               # m-2.yaml
    volumes: store(pvc-share):/mnt           volumes: store(pvc-share):/mnt
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.claim_uses import exclusive_claims, mode_position
from generator.core.finding import Finding, Severity
from generator.spec.claims import HOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.fleet.model import ServiceInstance

ID: Final = "S14"
SEVERITY: Final = Severity.ERROR
_POD: Final = "ReadWriteOncePod"


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each second service on a claim of one pod, and a warning for one on a claim of one node."""
    first: dict[tuple[str, str, str], tuple[ServiceInstance, Position]] = {}
    for instance in context.instances:
        for claim, place in exclusive_claims(context.fleet, instance):
            key = instance.environment.cluster, instance.namespace, claim
            other, there = first.setdefault(key, (instance, place))
            if other is not instance:
                mode = instance.claims[claim]
                message = (
                    f"{other.service.name} and {instance.service.name} mount the claim {claim} ({mode}), "
                    f"which one {HOLDERS[mode]} mounts at a time"
                )
                severity = Severity.ERROR if mode == _POD else Severity.WARNING
                yield Finding(
                    ID,
                    message,
                    place,
                    "use a claim of its own for each service, or one with ReadOnlyMany or ReadWriteMany",
                    severity,
                    also=(there, mode_position(context.fleet, instance, claim)),
                    environments=(instance.environment.name,),
                )
