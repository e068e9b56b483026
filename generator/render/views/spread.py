"""How the replicas of a service share nodes and zones.

Source: Kubernetes documentation, Pod Topology Spread Constraints. A required constraint leaves out the nodes whose
taints the pod does not tolerate: else a zone of such nodes would count as an empty one, and no pod could start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.render.views import service
from generator.spec.values.spread import Spread

if TYPE_CHECKING:
    from generator.render.views.context import ServiceContext

HOST: Final = "kubernetes.io/hostname"
# The labels of pods that tell one revision, or one group, from the others.
_REVISION: Final = "pod-template-hash"
_GROUP_REVISION: Final = "leaderworkerset.sigs.k8s.io/template-revision-hash"
_GROUP: Final = "leaderworkerset.sigs.k8s.io/group-key"
_BY_DEFAULT: Final = Spread(((HOST, False),))
_PACK_WEIGHT: Final = 50


def spread_constraints(context: ServiceContext) -> list[dict[str, Any]]:
    """The constraints of the pods of a Deployment."""
    return [_constraint(context, over, _REVISION) for over in _asked(context).over]


def leader_constraints(context: ServiceContext) -> list[dict[str, Any]]:
    """The constraints of the leaders of groups: each group over nodes, and the leaders as the replicas."""
    return [*group_constraints(context), *(_constraint(context, over, _GROUP_REVISION) for over in _leaders(context))]


def group_constraints(context: ServiceContext) -> list[dict[str, Any]]:
    """The constraint of the pods of one group, which are on different nodes if possible."""
    return [_even(HOST, service.selector(context), _GROUP)]


def pack_affinity(context: ServiceContext) -> dict[str, Any]:
    """The affinity for nodes that run pods of servegen already; empty if the replicas are spread."""
    if not _asked(context).pack:
        return {}
    labels = {"matchLabels": service.MANAGED_BY}
    term = {"labelSelector": labels, "namespaceSelector": {}, "topologyKey": HOST}
    return {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": _PACK_WEIGHT, "podAffinityTerm": term}]}


def _asked(context: ServiceContext) -> Spread:
    return context.instance.settings.spread or _BY_DEFAULT


def _leaders(context: ServiceContext) -> list[tuple[str, bool]]:
    """Return over what leaders are spread; nodes are left to the constraint of their group."""
    return [over for over in _asked(context).over if over != (HOST, False)]


def _constraint(context: ServiceContext, over: tuple[str, bool], revision: str) -> dict[str, Any]:
    topology, required = over
    found = _even(topology, service.receivers(context), revision)
    return {**found, "whenUnsatisfiable": "DoNotSchedule", "nodeTaintsPolicy": "Honor"} if required else found


def _even(topology: str, labels: dict[str, str], distinguishing: str) -> dict[str, Any]:
    return {
        "maxSkew": 1,
        "topologyKey": topology,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": labels},
        "matchLabelKeys": [distinguishing],
    }
