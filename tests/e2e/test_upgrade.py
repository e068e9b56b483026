"""This version's render applied over the previous version's render of the same specs: no pod restarts."""

from __future__ import annotations

from tests.e2e import previous
from tests.e2e.kube import Kube, Tree
from tests.e2e.rig import Rig
from tests.e2e.truths import namespaces
from tests.e2e.waiting import until


def test_an_upgrade_replaces_no_pod(rig: Rig, kube: Kube) -> None:
    """No field is rejected as immutable, and each Deployment keeps its pod template.

    Exceptions are listed in fixtures/previous/changed.yaml, each with the reason.
    """
    old, new = previous.before(), previous.now()
    with namespaces(rig, kube, old):
        before = _applied(rig, kube, old)
        after = _applied(rig, kube, new)
    assert {name for name in before if after[name] != before[name]} == set(previous.changed())
    assert len(before) == 8
    assert set(after) == set(before)


def _applied(rig: Rig, kube: Kube, trees: list[Tree]) -> dict[str, list[str]]:
    """Apply objects, and return the pod template hashes of each Deployment after its controller has processed it."""
    rig.apply(trees, "--force-conflicts")
    spaces = sorted({tree["metadata"]["namespace"] for tree in trees if tree["kind"] == "Deployment"})
    until("the controller to look", lambda: all(map(_seen, _listed(kube, "deployments", spaces))))
    sets = _listed(kube, "replicasets", spaces)
    names = [_name(tree) for tree in _listed(kube, "deployments", spaces)]
    return {name: sorted(_hash(tree) for tree in sets if _owner(tree) == name) for name in names}


def _listed(kube: Kube, kinds: str, spaces: list[str]) -> list[Tree]:
    return [tree for space in spaces for tree in kube.list("apps/v1", kinds, space)]


def _seen(deployment: Tree) -> bool:
    return bool(deployment["status"].get("observedGeneration") == deployment["metadata"]["generation"])


def _name(tree: Tree) -> str:
    return f"{tree['metadata']['namespace']}/{tree['metadata']['name']}"


def _owner(replica_set: Tree) -> str:
    metadata = replica_set["metadata"]
    return f"{metadata['namespace']}/{metadata['ownerReferences'][0]['name']}"


def _hash(replica_set: Tree) -> str:
    found: str = replica_set["metadata"]["labels"]["pod-template-hash"]
    return found
