"""The parts of a service's Deployment and Service that checks examine, before and after the spec's own patches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.render.kustomize.user_patch import apply_patch
from generator.render.pod_templates import GROUP_KIND
from generator.render.spec_patches import addresses
from generator.render.views import pod, service
from generator.render.views.context import CONTAINER, Scheduling, ServiceContext
from generator.spec.values.invalid_value import InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.model import ServiceInstance
    from generator.render.engine.shapes import Tree


def deployment(instance: ServiceInstance) -> Tree:
    """Return the Deployment's labels, ports, grace period and service links, before patches."""
    context = ServiceContext(instance, Scheduling())
    template = {
        "metadata": {"labels": pod.labels(context)},
        "spec": {
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": pod.grace_seconds(context),
            "containers": [{"name": CONTAINER, "ports": pod.ports(context)}],
        },
    }
    spec = {"selector": {"matchLabels": service.selector(context)}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": service.name(context)}, "spec": spec}


def workload_without_pods(instance: ServiceInstance) -> Tree:
    """Return the workload with the number of replicas, without its pods, before patches."""
    if instance.settings.group_size == 1:
        return {**deployment(instance), "spec": {}}
    metadata = {"name": instance.service.name}
    return {"apiVersion": "leaderworkerset.x-k8s.io/v1", "kind": GROUP_KIND, "metadata": metadata, "spec": {}}


def kube_service(instance: ServiceInstance) -> Tree:
    """Return the Service's selector and ports, before patches."""
    context = ServiceContext(instance, Scheduling())
    spec = {"selector": service.receivers(context), "ports": service.ports(context)}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": service.name(context)}, "spec": spec}


def apply_patches(instance: ServiceInstance, tree: Tree) -> Iterator[tuple[int, Tree]]:
    """Yield the index of each patch that addresses `tree`, and the tree after this patch.

    Ends at a patch that cannot be merged, which K05 reports.
    """
    for index, patch in enumerate(instance.settings.patches or ()):
        if addresses(patch, tree):
            try:
                tree = apply_patch(tree, patch).tree
            except InvalidValueError:
                return
            yield index, tree


def patched_value(instance: ServiceInstance, tree: Tree, *path: str) -> tuple[Any, int | None]:
    """Return the value at `path` after all patches, and the index of the last patch that changed it, if one did."""
    value, changed = below(tree, *path), None
    for index, after in apply_patches(instance, tree):
        if below(after, *path) != value:
            value, changed = below(after, *path), index
    return value, changed


def below(node: Any, *path: str) -> Any:
    """Return the value at `path`, or None if a step is missing."""
    for step in path:
        node = node.get(step) if isinstance(node, dict) else None
    return node


def items_below(node: Any, *path: str) -> list[Any]:
    """Return the list at `path`; an empty one if there is none."""
    found = below(node, *path)
    return found if isinstance(found, list) else []
