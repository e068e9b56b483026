"""Every server, sidecar, stage and card in templates/ renders to valid objects; new files need no new test."""

from __future__ import annotations

import pytest

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import plan
from generator.pipeline.validators import embedded_validator
from generator.repo.repository import schemas_of
from generator.spec.catalog import Catalog
from tests.conftest import ROOT
from tests.support.fleets import PLATFORM

LIBRARY = TemplateLoader((templates_root(),))
SHIPPED = Catalog(LIBRARY)
SPEC = (
    "model: m\nversion: v1\ntype: tfserving\nreplicas: 1~3\nhpa: cpu:50%\ncommand: run\nhealth: 8080:/\n"
    "environments: {debug: , test: , prod: }\n"
)


def _objects(spec: str, platform: str = PLATFORM) -> int:
    files = {"services/platform.yaml": platform.encode(), "services/p/a/m-1.yaml": spec.encode()}
    made = plan(files, LIBRARY, validate=embedded_validator(schemas_of(ROOT)))
    assert [finding for finding in made.findings if finding.id != "C07"] == []  # the notice of a server
    return made.objects


@pytest.mark.parametrize("name", SHIPPED.servers)
def test_servers(name: str) -> None:
    assert _objects(SPEC.replace("tfserving", name) + "image: example/m:1\n") == 25


@pytest.mark.parametrize("name", SHIPPED.sidecars)
def test_sidecars(name: str) -> None:
    assert _objects(f"{SPEC}sidecar: {name}\n") == 25


@pytest.mark.parametrize("name", SHIPPED.stages)
def test_stages(name: str) -> None:
    platform = PLATFORM.replace("stage: prod", f"stage: {name}\n    rules: {{prefix: other.}}")
    assert _objects(SPEC, platform) >= 15


@pytest.mark.parametrize("name", SHIPPED.cards)
def test_cards(name: str) -> None:
    platform = PLATFORM.replace("cards: [T4, A10, A100-80G]", f"cards: [{name}]")
    assert _objects(f'{SPEC}image: example/m:1\nresources: {{gpu: "1({name})"}}\n', platform) == 25


@pytest.mark.parametrize("name", SHIPPED.exporters)
def test_exporters(name: str) -> None:
    platform = PLATFORM.replace("name: gpu_utilization", f"exporter: {name}").replace(
        "# prometheus: {", "prometheus: {"
    )
    assert _objects(f"{SPEC}resources: {{gpu: 1(T4)}}\n".replace("cpu:50%", "gpu:50%"), platform) == 26
