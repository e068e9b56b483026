"""A replica that is spread over several nodes: a group of pods, one for each node, in a LeaderWorkerSet.

Source: sigs.k8s.io/lws v0.8.0, api/leaderworkerset/v1 and pkg/controllers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.render.views import hardening, pod, scaling
from generator.render.views.expansion import escape

if TYPE_CHECKING:
    from generator.render.views.context import ServiceContext

# The annotation by which the controller gives each group a value of a label of nodes alone.
_EXCLUSIVE: Final = "leaderworkerset.sigs.k8s.io/exclusive-topology"


def several(context: ServiceContext) -> bool:
    """Whether each replica consists of several pods."""
    return context.instance.settings.group_size > 1


def size(context: ServiceContext) -> int:
    """Of how many pods each replica consists, its leader included."""
    nodes = context.instance.settings.nodes
    return nodes.count if nodes is not None else 1


def resources(context: ServiceContext) -> dict[str, Any]:
    """Claims, requests and limits of each pod; the number of cards is text, since the controller's webhook makes it
    that, and Argo CD would report a number as a difference for good."""
    asked = hardening.resources(context)
    return {**asked, "limits": {name: str(amount) for name, amount in asked["limits"].items()}}


def object_annotations(context: ServiceContext) -> dict[str, str]:
    """The annotations of the LeaderWorkerSet: those of a Deployment, and the label that each group has for itself."""
    nodes = context.instance.settings.nodes
    exclusive = {_EXCLUSIVE: nodes.exclusive} if nodes is not None and nodes.exclusive is not None else {}
    return {**scaling.object_annotations(context), **exclusive}


def rollout(context: ServiceContext) -> dict[str, Any]:
    """How an update replaces groups: a new one starts beside the old ones, or after an old one has ended."""
    if scaling.surges(context):
        return {"maxSurge": "25%", "maxUnavailable": 0}
    return {"maxSurge": 0, "maxUnavailable": 1}


def worker_command(context: ServiceContext) -> list[str] | None:
    """The command of the pods that follow the leader: the same, with what its server adds there."""
    command, launch = pod.command(context), context.instance.launch
    if command is None or launch is None or pod.interactive(context):
        return command
    return [*command, *map(escape, launch.worker_arguments)]
