"""Each folder of cases/objects is a repository; expected.yaml holds what an API server gets of its traffic objects.

A case without a platform file gets the one that `servegen init` writes. To write expected.yaml anew, and look at it:
`pytest tests/render/test_objects.py --rewrite`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from generator.cli.common import embedded
from generator.core.paths import templates_root
from generator.core.template_loader import Library
from generator.core.yaml import dump
from generator.pipeline.plan import plan, truth
from generator.repo.worktree import read_specs
from tests.conftest import ROOT
from tests.support.fleets import PLATFORM

if TYPE_CHECKING:
    from pathlib import Path

LIBRARY = Library((templates_root(),))
CASES = sorted(path for path in (ROOT / "tests" / "cases" / "objects").iterdir() if path.is_dir())
# What every service has whatever its traffic is.
_USUAL = {"ConfigMap", "Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget", "ServiceAccount"}


def _shown(tree: dict[str, Any]) -> bool:
    return tree["kind"] not in _USUAL and (tree["kind"] != "Service" or tree["metadata"]["name"].endswith("-external"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_traffic_objects(case: Path, rewrite: bool) -> None:
    specs = {"services/platform.yaml": PLATFORM.encode(), **read_specs(case)}
    made = plan(specs, LIBRARY, validate=embedded(ROOT))
    assert [problem for problem in made.problems if problem.severity == "error"] == []
    assert made.fleet is not None
    assert made.traffic is not None
    trees = [entry.tree for entry in truth(made.fleet, made.traffic, LIBRARY) if _shown(entry.tree)]
    found = "---\n".join(map(dump, trees))
    if rewrite:
        (case / "expected.yaml").write_text(found, encoding="utf-8")
    assert found == (case / "expected.yaml").read_text(encoding="utf-8")
