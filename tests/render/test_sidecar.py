"""Istio's proxy starts before the server and ends after it, with each version of Istio."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import plan
from tests.support.fleets import PLATFORM

_SERVICE = """\
model: m
version: v1
type: serving
image: registry.example.com/m:1
ports: 8000
health: 8000:/health
sidecar: istio
environments: {prod: }
"""
_RESOURCES = {"sidecar.istio.io/proxyCPU": "100m", "sidecar.istio.io/proxyMemory": "128Mi"}


def _annotations(*, istio: str, kubernetes: str = "1.36", service: str = _SERVICE) -> dict[str, Any] | None:
    platform = PLATFORM.replace('kubernetes: "1.36"', f'kubernetes: "{kubernetes}"\n    istio: "{istio}"')
    files = {"services/platform.yaml": platform.encode(), "services/p/a/m-1.yaml": service.encode()}
    made = plan(files, TemplateLoader((templates_root(),)))
    assert made.findings == ()
    objects = yaml.safe_load_all(made.files["rendered/p/a/base/m-1/resources.yaml"])
    template = next(tree for tree in objects if tree["kind"] == "Deployment")["spec"]["template"]
    return template["metadata"].get("annotations")  # type: ignore[no-any-return]


@pytest.mark.parametrize(("istio", "kubernetes"), [("1.24", "1.36"), ("1.26", "1.33"), ("1.30", "1.32")])
def test_istio_is_asked_for_a_native_sidecar_where_it_injects_none_by_itself(istio: str, kubernetes: str) -> None:
    native = {"sidecar.istio.io/nativeSidecar": "true"}
    assert _annotations(istio=istio, kubernetes=kubernetes) == native | _RESOURCES


def test_a_newer_istio_injects_one_by_itself() -> None:
    assert _annotations(istio="1.27", kubernetes="1.33") == _RESOURCES


def test_an_older_proxy_holds_the_server_and_ends_after_the_last_request() -> None:
    found = _annotations(istio="1.23") or {}
    assert yaml.safe_load(found.pop("proxy.istio.io/config")) == {
        "holdApplicationUntilProxyStarts": True,
        "proxyMetadata": {"EXIT_ON_ZERO_ACTIVE_CONNECTIONS": "true", "MINIMUM_DRAIN_DURATION": "15s"},
    }
    assert found == _RESOURCES


def test_a_pod_without_a_proxy_has_no_annotation_for_it() -> None:
    assert _annotations(istio="1.22", service=_SERVICE.replace("sidecar: istio\n", "")) is None
