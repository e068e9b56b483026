"""An existing cluster, which gets the kinds that it lacks and simulated nodes if it is disposable."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import yaml

from tests.e2e import cluster

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from tests.e2e.build import Built
    from tests.e2e.cluster import Cluster
    from tests.e2e.kube import Tree
    from tests.support.processes import Processes

# Kinds that servegen renders beside those of Kubernetes itself.
RENDERED: Final = frozenset(
    {
        *(f"{plural}.networking.istio.io" for plural in ("destinationrules", "gateways", "virtualservices")),
        *(f"{plural}.gateway.networking.k8s.io" for plural in ("gateways", "httproutes")),
        "leaderworkersets.leaderworkerset.x-k8s.io",
        "scaledobjects.keda.sh",
        "podmonitors.monitoring.coreos.com",
        "servicemonitors.monitoring.coreos.com",
    }
)


@contextmanager
def prepared(given: Cluster, built: Built, processes: Processes, lacking: Set[str]) -> Iterator[None]:
    """Add the lacking kinds and simulated nodes to a cluster; its own nodes are cordoned while the block runs."""
    if kinds := [tree for tree in _definitions(built) if tree["metadata"]["name"] in lacking]:
        given.run(*cluster.APPLY, "-f", "-", stdin=yaml.safe_dump_all(kinds))
    theirs = [node["metadata"]["name"] for node in given.kube.list("v1", "nodes") if not _cordoned(node)]
    try:
        cluster.start_nodes(built, processes, given)
        if theirs:
            given.run("cordon", *theirs)
        yield
    finally:
        given.run("delete", "-f", str(cluster.NODES), "--wait=false", "--ignore-not-found")
        if theirs:
            given.run("uncordon", *theirs)


def _definitions(built: Built) -> Iterator[Tree]:
    for path in sorted(built.crds.iterdir()):
        yield from filter(None, yaml.safe_load_all(path.read_text(encoding="utf-8")))


def _cordoned(node: Tree) -> bool:
    return bool(node["spec"].get("unschedulable"))
