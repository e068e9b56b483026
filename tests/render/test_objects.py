"""Each folder of cases/objects is a repository; expected.yaml holds its traffic objects as an API server gets them.

A case without a platform file gets the one that `servegen init` writes. To rewrite expected.yaml for review:
`pytest tests/render/test_objects.py --rewrite`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.core.yaml import dump
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan
from generator.pipeline.validators import embedded_validator
from generator.repo.repository import schemas_of
from generator.repo.spec_files import read_spec_files
from tests.conftest import ROOT
from tests.support.fleets import PLATFORM
from tests.support.grants import grant_everything

if TYPE_CHECKING:
    from pathlib import Path

LIBRARY = TemplateLoader((templates_root(),))
CASES = sorted(path for path in (ROOT / "tests" / "cases" / "objects").iterdir() if path.is_dir())
# The kinds that every service has, whatever its traffic settings.
_WORKLOADS = {"Deployment", "LeaderWorkerSet"}
_USUAL = _WORKLOADS | {"ConfigMap", "HorizontalPodAutoscaler", "PodDisruptionBudget", "ServiceAccount"}


def _shown(tree: dict[str, Any]) -> bool:
    return tree["kind"] not in _USUAL and (tree["kind"] != "Service" or tree["metadata"]["name"].endswith("-external"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_traffic_objects(case: Path, rewrite: bool) -> None:
    specs = {"services/platform.yaml": PLATFORM.encode(), **read_spec_files(case).contents}
    platform = specs["services/platform.yaml"].decode()
    specs["services/platform.yaml"] = grant_everything(platform).encode()
    made = plan(specs, LIBRARY, validate=embedded_validator(schemas_of(ROOT)))
    assert [finding for finding in made.findings if finding.severity == "error"] == []
    trees = [entry.tree for entry in expected_manifests(made.fleet, made.routing, LIBRARY) if _shown(entry.tree)]
    found = "---\n".join(map(dump, trees))
    if rewrite:
        (case / "expected.yaml").write_text(found, encoding="utf-8")
    assert found == (case / "expected.yaml").read_text(encoding="utf-8")
