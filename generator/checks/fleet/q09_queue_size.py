"""Q09: one replica of a service must fit into the quotas of the cluster's queues.

The ClusterQueues of a cluster lend each other what they do not use, so that a replica can have at most all of their
quotas together. Kueue never admits one that requests more. A group of pods on several nodes is admitted as a whole.

Passes, with kueue: {quota: {gpu: 16}}:

    nodes: 2
    resources: {gpu: 8}

Fails, with the same quota:

    nodes: 3
    resources: {gpu: 8}
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.queues import cluster_queues, nominal_quotas, queue_of
from generator.spec.values.quantity import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import Fleet, ServiceInstance
    from generator.render.objects import ObjectRenderer
    from generator.render.pod_requests import Amounts

ID: Final = "Q09"
SEVERITY: Final = Severity.ERROR
_KEYS: Final = {"cpu": "cpu", "memory": "memory"}


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each resource of which one replica requests more than all queues have."""
    queued = [instance for instance in context.instances if queue_of(instance) is not None]
    if not queued:
        return
    from generator.render.objects import ObjectRenderer  # what renders pods: few fleets need it here

    objects = ObjectRenderer(context.fleet.catalog.loader)
    for instance in queued:
        yield from _too_large(context.fleet, objects, instance)


def _too_large(fleet: Fleet, objects: ObjectRenderer, instance: ServiceInstance) -> Iterator[Finding]:
    cluster, where = instance.environment.cluster, (instance.environment.name,)
    available = _available(objects, instance)
    for resource, asked in _of_replica(objects, instance).items():
        if asked > available.get(resource, asked):
            found, most = (format(value.normalize(), "f") for value in (asked, available[resource]))
            message = f"a replica of {instance.service.name} requests {found} {resource}, and the queues have {most}"
            key = _KEYS.get(resource, "gpu")
            also = (fleet.platform_position("clusters", cluster, "kueue"),)
            hint = "request less, or raise the quota: Kueue never admits it"
            place = instance.position("resources", key)
            yield Finding(ID, message, place, hint, also=also, environments=where)


def _of_replica(objects: ObjectRenderer, instance: ServiceInstance) -> Amounts:
    from generator.render.pod_requests import PODS, pod_requests

    start = pod_requests(objects, instance).start
    replicas = start.get(PODS, Decimal(0)) / instance.settings.group_size
    return {name.removeprefix("requests."): value / replicas for name, value in start.items() if replicas}


def _available(objects: ObjectRenderer, instance: ServiceInstance) -> Amounts:
    """Return the sum of the quotas of all ClusterQueues of a cluster, by resource."""
    facts = instance.environment.facts
    assert facts.kueue is not None  # the service has a queue
    card, total = objects.placements.card_resource(facts), dict[str, Decimal]()
    for quota, _ in cluster_queues(facts.kueue).values():
        for name, value in nominal_quotas(quota, card).items():
            total[name] = total.get(name, Decimal(0)) + (amount(value) or Decimal(0))
    return total
