"""C32: a claim that one node mounts must not be used by several replicas.

The platform file can say how the nodes of a cluster may mount its claims (`claims`), a project file the same of the
project's. A claim with the access mode
ReadWriteOnce is mounted by one node at a time, one with ReadWriteOncePod by one pod: a replica on another node never
starts. The check looks at claims in `volumes`, and at the claim that holds the model.

Passes, with claims: {models: ReadOnlyMany} of the cluster:

    replicas: 2
    volumes: models(pvc-share):/mnt

Fails, with claims: {models: ReadWriteOnce}:

    replicas: 2
    volumes: models(pvc-share):/mnt
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.claim_uses import exclusive_claims, mode_position
from generator.checks.fleet.replicas import at_most, pods_at_most
from generator.core.finding import Finding, Severity
from generator.spec.claims import HOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.fleet.model import Fleet, ServiceInstance

ID: Final = "C32"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each claim of each service with more replicas than can mount it."""
    for instance in context.starting_instances:
        pods = pods_at_most(instance)
        if pods > 1:
            for claim, place in exclusive_claims(context.fleet, instance):
                yield _finding(context.fleet, instance, claim, pods, place)


def _finding(fleet: Fleet, instance: ServiceInstance, claim: str, pods: int, place: Position) -> Finding:
    name, mode = instance.service.name, instance.claims[claim]
    what = f"{pods} replicas" if instance.settings.group_size == 1 else f"{pods} pods"
    message = f"{name} can have {what}, but one {HOLDERS[mode]} mounts the claim {claim} ({mode})"
    hint = "use a claim with ReadOnlyMany or ReadWriteMany"
    key = "replicas" if at_most(instance) > 1 else "nodes"
    also = (instance.position(key), mode_position(fleet, instance, claim))
    return Finding(ID, message, place, hint, also=also, environments=(instance.environment.name,))
