"""What a spec's own patches make of the parts of its Deployment and Service that checks look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.render.kustomize.merge import merge
from generator.render.specpatches import addressed
from generator.render.views import pod, service
from generator.render.views.subject import Placement, Subject
from generator.spec.values.mistake import MistakeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.model import Deployed
    from generator.render.engine.shapes import Tree


def deployment(deployed: Deployed) -> Tree:
    """The Deployment as far as labels, ports and service links go, before patches."""
    subject = Subject(deployed, Placement())
    template = {
        "metadata": {"labels": pod.labels(subject)},
        "spec": {"enableServiceLinks": False, "containers": [{"name": pod.CONTAINER, "ports": pod.ports(subject)}]},
    }
    spec = {"selector": {"matchLabels": service.selector(subject)}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": service.name(subject)}, "spec": spec}


def kube_service(deployed: Deployed) -> Tree:
    """The Service as far as its selector and ports go, before patches."""
    subject = Subject(deployed, Placement())
    spec = {"selector": service.selector(subject), "ports": service.ports(subject)}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": service.name(subject)}, "spec": spec}


def patched(deployed: Deployed, tree: Tree) -> Iterator[tuple[int, Tree]]:
    """The index of each patch that is meant for `tree`, and what it has become by then.

    Ends at a patch that cannot be merged: K05 tells why.
    """
    for index, patch in enumerate(deployed.settings.patches or ()):
        if addressed(patch, tree):
            try:
                tree = merge(tree, patch)
            except MistakeError:
                return
            yield index, tree


def below(node: Any, *path: str) -> Any:
    """The value at `path`, None where a step is not there."""
    for step in path:
        node = node.get(step) if isinstance(node, dict) else None
    return node
