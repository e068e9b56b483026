"""The pods of a service for the capacity plan: shape and numbers, from its rendered objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.fleet.capacity.pods import ServiceId, Workload
from generator.render.objects import BASE, OVERLAY
from generator.render.pod_requests import COUNTED, autoscaler_bounds, count_surge, replica_templates
from generator.render.pod_shapes import pod_shape
from generator.render.spec_patches import SpecPatches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.fleet.model import ServiceInstance
    from generator.render.engine.shapes import Tree
    from generator.render.objects import ObjectRenderer


def service_id(instance: ServiceInstance) -> ServiceId:
    """Return the name of a service in its environment."""
    return ServiceId(instance.environment.name, *instance.service.key)


def rendered_trees(objects: ObjectRenderer, instance: ServiceInstance) -> list[Tree]:
    """Render the objects of a service, whether it runs or not."""
    context, patches = objects.context(instance), SpecPatches()
    return [one.tree for folder in (BASE, OVERLAY) for one in objects.service(context, folder, patches)]


def workloads(
    instance: ServiceInstance,
    trees: Sequence[Tree],
    plain: frozenset[str],
    counted: frozenset[str],
    successor: ServiceId | None = None,
) -> Iterator[Workload]:
    """Yield the pods of each workload among the objects of a service; for the resources see `pod_shape`.

    The leaders and the workers of groups differ in their number, so they are workloads of their own.
    """
    gpu = instance.settings.gpu
    has_card = gpu is not None and gpu.has_card and not gpu.shared
    names = {there: known for known, there in instance.environment.facts.gpu.resources.items()}
    for tree in trees:
        if tree["kind"] in COUNTED:
            spec = tree["spec"]
            low, high = autoscaler_bounds(tree["metadata"]["name"], trees)
            written = spec.get("replicas")
            start = written if isinstance(written, int) else low
            least = low if high else start
            for template, count in replica_templates(tree):
                yield Workload(
                    service=service_id(instance),
                    shape=pod_shape(template, instance.service.project, plain, counted, names, has_card=has_card),
                    least=least * count,
                    start=start * count,
                    most=max(start, high) * count,
                    surge=count_surge(spec, least) * count,
                    order=instance.released.isoformat() if instance.released is not None else "",
                    successor=successor,
                )
