"""What a spec's own patches make of the parts of its Deployment and Service that checks look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.render.kustomize.merge import merge
from generator.render.specpatches import addresses
from generator.render.views import pod, service
from generator.render.views.subject import Scheduling, ServiceContext
from generator.spec.values.mistake import InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.model import ServiceInstance
    from generator.render.engine.shapes import Tree


def deployment(instance: ServiceInstance) -> Tree:
    """The Deployment as far as labels, ports and service links go, before patches."""
    context = ServiceContext(instance, Scheduling())
    template = {
        "metadata": {"labels": pod.labels(context)},
        "spec": {"enableServiceLinks": False, "containers": [{"name": pod.CONTAINER, "ports": pod.ports(context)}]},
    }
    spec = {"selector": {"matchLabels": service.selector(context)}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": service.name(context)}, "spec": spec}


def kube_service(instance: ServiceInstance) -> Tree:
    """The Service as far as its selector and ports go, before patches."""
    context = ServiceContext(instance, Scheduling())
    spec = {"selector": service.selector(context), "ports": service.ports(context)}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": service.name(context)}, "spec": spec}


def apply_patches(instance: ServiceInstance, tree: Tree) -> Iterator[tuple[int, Tree]]:
    """The index of each patch that is meant for `tree`, and what it has become by then.

    Ends at a patch that cannot be merged: K05 tells why.
    """
    for index, patch in enumerate(instance.settings.patches or ()):
        if addresses(patch, tree):
            try:
                tree = merge(tree, patch)
            except InvalidValueError:
                return
            yield index, tree


def below(node: Any, *path: str) -> Any:
    """The value at `path`, None where a step is not there."""
    for step in path:
        node = node.get(step) if isinstance(node, dict) else None
    return node
