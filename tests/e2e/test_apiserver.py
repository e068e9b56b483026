"""A real API server accepts each rendered object: with its defaults, its CEL rules, and no unknown field."""

from __future__ import annotations

import copy
import re
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from generator.core.programs.kustomize import build
from generator.repo.spec_files import read_spec_files
from tests.conftest import ROOT
from tests.e2e.generated import repositories
from tests.e2e.kube import Kube, Tree
from tests.e2e.rig import Rig
from tests.e2e.truths import Made, made, namespaces
from tests.e2e.verdicts import Judge, Verdict
from tests.render.test_objects import CASES
from tests.support.fleets import PLATFORM
from tests.support.served import all_served, served_fleet

# Warnings about what a user has requested. Every other warning is a bug in servegen.
_RESTRICTED: Final = 'would violate PodSecurity "restricted'  # namespaces are set to warn about a stricter standard
_DEPRECATED: Final = r"spec.externalIPs is deprecated"


def _faults(
    rig: Rig, kube: Kube, objects: Iterable[Made], expected: tuple[str, ...] = (_RESTRICTED, _DEPRECATED)
) -> list[str]:
    """Return what the server rejects or warns about, with the object and its origin."""
    objects = list(objects)
    sys.stdout.write(f"{len(objects)} objects of {len({one.tree['kind'] for one in objects})} kinds\n")
    with namespaces(rig, kube, (one.tree for one in objects)):
        verdicts = Judge(rig.address).judge([one.tree for one in objects])
    refused = [f"{one}\n  {verdict.refusal}" for one, verdict in zip(objects, verdicts, strict=True) if verdict.refusal]
    warned = [f"{one}\n  {text}" for one, verdict in zip(objects, verdicts, strict=True) for text in verdict.warnings]
    return [*refused, *(text for text in warned if not any(re.search(known, text) for known in expected))]


def test_the_example_fleet(rig: Rig, kube: Kube, kustomize: Path) -> None:
    """The expected manifests, and the committed files as Argo CD and Flux build them."""
    folders = sorted(path.parent for path in (ROOT / "rendered").glob("*/*/overlays/*/kustomization.yaml"))
    platform = sorted(path.parent for path in (ROOT / "rendered" / "platform").glob("*/kustomization.yaml"))
    assert (len(folders), len(platform)) == (12, 1)
    built = [
        Made(str(place.relative_to(ROOT)), tree) for place in [*platform, *folders] for tree in build(place, kustomize)
    ]
    assert _faults(rig, kube, [*made(read_spec_files(ROOT).contents), *built], expected=()) == []


@pytest.mark.parametrize("name", dict(repositories()))
def test_generated_fleets(name: str, rig: Rig, kube: Kube) -> None:
    assert _faults(rig, kube, made(dict(repositories())[name])) == []


def test_platform_and_delivery(rig: Rig, kube: Kube) -> None:
    """Namespaces, gateways, quotas, policies, routes of both kinds, and all objects for Argo CD and Flux."""
    objects = [
        replace(one, origin=f"{case.name} {one.origin}")
        for case in CASES
        for one in made({"services/platform.yaml": PLATFORM.encode(), **read_spec_files(case).contents})
    ]
    kinds = {one.tree["kind"] for one in objects}
    assert kinds >= {"AppProject", "Application", "GitRepository", "Kustomization", "ResourceQuota", "NetworkPolicy"}
    assert kinds >= {"DestinationRule", "VirtualService", "HTTPRoute", "Gateway", "Namespace", "PriorityClass"}
    assert _faults(rig, kube, objects) == []


def test_every_model_server(rig: Rig, kube: Kube) -> None:
    """Each model server with each kind of source and of card."""
    objects = made({name: text.encode() for name, text in served_fleet(all_served()).items()})
    assert _faults(rig, kube, objects, expected=()) == []


def _pod(tree: Tree) -> Tree:
    """Return the pod of a Deployment, as a ReplicaSet creates it."""
    template, metadata = tree["spec"]["template"], tree["metadata"]
    place = {"name": f"{metadata['name']}-0", "namespace": metadata["namespace"]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {**template["metadata"], **place}, "spec": template["spec"]}


def test_pods_of_every_server_in_a_namespace_that_enforces_restricted(rig: Rig, kube: Kube) -> None:
    """Pod Security admits each pod without a warning; it refuses one of them that runs as the user of its image."""
    trees = [one.tree for one in made({name: text.encode() for name, text in served_fleet(all_served()).items()})]
    pods = [_pod(tree) for tree in trees if tree["kind"] == "Deployment"]
    enforced = {
        tree["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        for tree in trees
        if tree["kind"] == "Namespace"
    }
    assert enforced == {"restricted"}
    assert len(pods) > 100
    rooted = copy.deepcopy(pods[0])
    rooted["metadata"]["name"] = "rooted"
    rooted["spec"]["securityContext"] = {"seccompProfile": {"type": "RuntimeDefault"}}
    with namespaces(rig, kube, trees):
        rig.apply([tree for tree in trees if tree["kind"] == "ServiceAccount"])
        *verdicts, refused = Judge(rig.address).judge([*pods, rooted])
    found = [(pod["metadata"]["name"], one) for pod, one in zip(pods, verdicts, strict=True) if one != Verdict()]
    assert found == []
    assert "runAsNonRoot != true" in str(refused.refusal)
