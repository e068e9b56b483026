"""Q08: the queue of a service that runs must not change from the base revision.

Kueue refuses to add, change or remove the queue of a Deployment or LeaderWorkerSet while it has ready pods: the app is
no longer applied. A new version takes over the host with the new queue.

Source: sigs.k8s.io/kueue v0.19.2, ValidateUpdate of pkg/controller/jobs/deployment and leaderworkerset.

Passes, for a version that is deployed with the change:

    queue: batch

Fails, for a service that runs already without it:

    queue: batch
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.queues import NO_QUEUE, queue_of
from generator.spec.values.text import list_few

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.fleet.model import Fleet, ServiceEntry, ServiceInstance
    from generator.spec.platform import Platform

ID: Final = "Q08"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each line that changes the queue of services which were deployed before."""
    if context.base is None or context.base.platform is None:
        return
    before, earlier = context.base.platform[1], {entry.key: entry for entry in context.base.services}
    changed: dict[Position, list[ServiceInstance]] = {}
    for instance in context.instances:
        old = earlier.get(instance.service.key)
        if old is not None and instance.environment.name in old.spec.environments:
            place = _change(context.fleet, before, old, instance)
            if place is not None and context.routing.runs(instance):
                changed.setdefault(place, []).append(instance)
    for place, instances in changed.items():
        names = list_few(dict.fromkeys(one.service.name for one in instances))
        message = f"the queue of what runs changes, which Kueue refuses while pods are ready: {names}"
        hint = "write queue: none into these services, or restore it; a new version may have another queue"
        where = tuple(dict.fromkeys(one.environment.name for one in instances))
        yield Finding(ID, message, place, hint, environments=where)


def _change(fleet: Fleet, before: Platform, old: ServiceEntry, instance: ServiceInstance) -> Position | None:
    """Return the line that changes the queue of a service; None if it stays."""
    environment, cluster = instance.environment.name, instance.environment.cluster
    if cluster not in before.clusters:
        return None
    had, has = before.clusters[cluster].kueue is not None, instance.environment.facts.kueue is not None
    if had is not has:
        unaffected = instance.settings.queue == NO_QUEUE
        return None if unaffected else fleet.platform_position("clusters", cluster, "kueue" if has else "domain")
    same = _written(old, environment) == _written(instance.service, environment)
    return None if same or (queue_of(instance) is None and not had) else instance.position("queue")


def _written(service: ServiceEntry, environment: str) -> str | None:
    """Return the queue that the file of a service names."""
    stanza = service.spec.environments.get(environment)
    return (stanza.queue if stanza is not None else None) or service.spec.queue
