"""Kueue: a ClusterQueue for all projects, and one for each project with a quota of its own; a LocalQueue in each
namespace; a WorkloadPriorityClass for each PriorityClass.

Kueue never evicts a pod that it has admitted: it would take a service below its replicas. Source: sigs.k8s.io/kueue
v0.19.2, apis/kueue/v1beta2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.fleet.queues import COMMON, cluster_queue_of, cluster_queues, nominal_quotas
from generator.render.cluster.manifest_input import ManifestInput
from generator.render.views.service import MANAGED_BY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.render.cluster.manifest_input import ClusterContext
    from generator.spec.kueue import KueueFacts, QueueQuota

FILE: Final = "kueue.yaml"
FOLDER: Final = "kueue"
_NAMESPACE: Final = "kubernetes.io/metadata.name"


def parts(site: ClusterContext) -> Iterator[ManifestInput]:
    """Yield the objects of Kueue on a cluster."""
    facts = site.facts.kueue
    if facts is None:
        return
    yield _input(site, "resourceflavor", {"name": COMMON}, None, "quota")
    for name, (quota, path) in cluster_queues(facts).items():
        yield _input(site, "clusterqueue", _cluster_queue(site, facts, name, quota), None, *map(str, path[1:]))
    for name, priority in (site.facts.priorities or {}).items():
        values = {"name": name, "value": priority.value, "description": priority.description}
        yield _input(site, "workloadpriorityclass", values, None, "quota")
    for space in site.spaces:
        for project in space.projects:
            values = {"name": project, "cluster_queue": cluster_queue_of(facts, project)}
            yield _input(site, "localqueue", values, space.name, "quota")


def _input(
    site: ClusterContext, template: str, values: dict[str, Any], namespace: str | None, *path: str
) -> ManifestInput:
    context = {"kueue": {**values, "labels": MANAGED_BY}}
    origin = site.entry("kueue", *path)
    return ManifestInput(f"{FOLDER}/{template}.yaml.j2", context, namespace, site.environment, origin)


def _cluster_queue(site: ClusterContext, facts: KueueFacts, name: str, quota: QueueQuota) -> dict[str, Any]:
    nominal = nominal_quotas(quota, site.objects.placements.card_resource(site.facts))
    spaces = [
        space.name for space in site.spaces if any(cluster_queue_of(facts, one) == name for one in space.projects)
    ]
    return {
        "name": name,
        "cohort": COMMON,
        "namespaces": [{"key": _NAMESPACE, "operator": "In", "values": spaces}]
        if spaces
        else [{"key": _NAMESPACE, "operator": "DoesNotExist"}],
        "covered": list(nominal),
        "flavors": [
            {
                "name": COMMON,
                "resources": [{"name": resource, "nominalQuota": amount} for resource, amount in nominal.items()],
            }
        ],
    }
