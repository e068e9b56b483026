"""What a cluster still has of an environment that moved away from it, or that has another namespace now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.fleet.namespaces import namespaces
from generator.render.delivery.cluster_query import ClusterQuery
from generator.render.views.service import MANAGED_BY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.model import Fleet

# Each app has a ConfigMap, and each service the two others.
_KINDS: Final = "deployment.apps,service,configmap"
_COLUMNS: Final = "NAMESPACE:.metadata.namespace,KIND:.kind,NAME:.metadata.name"


def find_leftovers(fleet: Fleet) -> Iterator[ClusterQuery]:
    """Yield the query of each cluster for objects of servegen in namespaces that no environment has there."""
    expected: dict[str, set[str]] = {cluster: set() for cluster in fleet.platform.clusters}
    for space in namespaces(fleet):
        expected[space.cluster].add(space.name)
    selected = ",".join(f"{key}={value}" for key, value in MANAGED_BY.items())
    for cluster, names in expected.items():
        ask = f"kubectl get {_KINDS} -A -l {selected} -o custom-columns={_COLUMNS} --no-headers"
        command = f"{ask} | awk '$1 !~ \"^({'|'.join(sorted(names))})$\"'"
        about = "objects of servegen in namespaces of no environment: another repository's, or left by a move"
        yield ClusterQuery("", cluster, about, command)
