"""A project that reaches for another namespace: servegen refuses it, and so does Argo CD if somebody bypasses servegen.

The AppProject of a project admits exactly what servegen renders for it, so that a commit which nobody checked has no
more rights than one that was checked.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.cli.test_grants import TRIES, as_patch
from tests.e2e.argocd_apps import Delivery, operation
from tests.e2e.serving import service
from tests.e2e.waiting import until
from tests.support.clones import git
from tests.support.command import servegen

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.argocd, pytest.mark.paper]

APP: Final = "vision/detector"
SPEC: Final = f"services/{APP}/detector-1.yaml"
NAMESPACES: Final = ("kube-system", "argocd", "istio-system", "default", "speech-grants-prod")


def _delivered(deliver: Callable[..., Delivery]) -> Delivery:
    argocd = deliver("grants")
    platform = argocd.repository.root / "services" / "platform.yaml"
    text = platform.read_text(encoding="utf-8").partition("\ngrants:")[0]
    platform.write_text(f"{text}\ngrants: {{}}\n", encoding="utf-8")
    argocd.repository.write({SPEC: service("detector", "1", "replicas: 1")})
    argocd.repository.servegen("deploy", "detector-1", argocd.repository.environment())
    argocd.bootstrap_at(argocd.repository.push())
    return argocd


def _errors(argocd: Delivery) -> list[dict[str, Any]]:
    done = servegen(argocd.repository.root, "validate", "--engine", "embedded", "--output", "json")
    found = [finding for finding in json.loads(done.stdout) if finding["severity"] == "error"]
    assert done.returncode == (1 if found else 0)
    return found


def test_a_project_reaches_no_other_namespace(deliver: Callable[..., Delivery]) -> None:
    argocd = _delivered(deliver)
    root, environment = argocd.repository.root, argocd.repository.environment()
    text = (root / SPEC).read_text(encoding="utf-8")

    # servegen refuses each try, and writes nothing.
    for namespace in NAMESPACES:
        argocd.repository.write(
            {"services/vision/project.yaml": f"environments: {{{environment}: {{namespace: {namespace}}}}}\n"}
        )
        assert [finding["id"] for finding in _errors(argocd)] == ["A01"], namespace
        assert servegen(root, "commit", "--push").returncode == 1
    (root / "services/vision/project.yaml").unlink()
    for name, (tried, _) in TRIES.items():
        patches = json.dumps([as_patch(tried)])
        argocd.repository.write({SPEC: f"{text}patches: {patches}\n"})
        assert {finding["id"][0] for finding in _errors(argocd)} >= {"A"}, name
        assert servegen(root, "commit", "--push").returncode == 1
    argocd.repository.write({SPEC: text})
    assert _errors(argocd) == []

    # Somebody edits what is rendered, without servegen.
    own = argocd.repository.namespace("vision")
    file = root / f"rendered/{APP}/overlays/{environment}/workloads/kustomization.yaml"
    rendered = file.read_text(encoding="utf-8")
    assert f"namespace: {own}\n" in rendered
    file.write_text(rendered.replace(f"namespace: {own}\n", "namespace: kube-system\n"), encoding="utf-8")
    git(root, "commit", "-qam", "by hand")
    git(root, "push", "-q", "origin", "HEAD:main")
    argocd.refresh(argocd.of(APP))
    until("it is refused", lambda: "kube-system" in operation(argocd.of(APP)).get("message", ""), report=argocd.report)
    message = operation(argocd.of(APP))["message"]
    assert "not permitted in project" in message, message
    kube = argocd.kube
    assert kube.get("apps/v1", "deployments", "kube-system", "detector-1") is None
    assert kube.get("apps/v1", "deployments", own, "detector-1") is not None
