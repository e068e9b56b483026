"""The files that servegen writes for the traffic cases: kustomize builds just the manifests that are expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from generator.core.paths import templates_root
from generator.core.programs.kustomize import build
from generator.core.template_loader import TemplateLoader
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan
from generator.repo.spec_files import read_spec_files
from tests.conftest import ROOT
from tests.support.fleets import PLATFORM
from tests.support.grants import grant_everything

if TYPE_CHECKING:
    from pathlib import Path

LIBRARY = TemplateLoader((templates_root(),))
CASES = (
    "cors",
    "cors-of-the-gateway-api",
    "dra",
    "paths",
    "paths-of-the-gateway-api",
    "tls",
    "tls-of-the-gateway-api",
    "tls-of-two-gateways",
    "traffic-policy",
)


def _named(objects: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(tree["kind"], tree["metadata"]["name"]): tree for tree in objects}


@pytest.mark.parametrize("case", CASES)
def test_kustomize_builds_what_is_expected(case: str, kustomize: Path, tmp_path: Path) -> None:
    folder = ROOT / "tests" / "cases" / "objects" / case
    specs = {"services/platform.yaml": PLATFORM.encode(), **read_spec_files(folder).contents}
    specs["services/platform.yaml"] = grant_everything(specs["services/platform.yaml"].decode()).encode()
    made = plan(specs, LIBRARY)
    for name, text in made.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    built = _named(build(tmp_path / "rendered" / "p" / "a" / "overlays" / "prod", kustomize))
    # What a cluster has once is not in the overlay of an app.
    expected = [
        entry.tree
        for entry in expected_manifests(made.fleet, made.routing, LIBRARY)
        if entry.environment == "prod" and entry.tree["metadata"].get("namespace") == "p-prod"
    ]
    assert built == _named(expected)
