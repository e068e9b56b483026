"""Each folder of cases/autoscalers is a repository; expected.yaml holds its autoscalers and the metrics they read.

To rewrite expected.yaml for review: `pytest tests/render/test_autoscalers.py --rewrite`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from pathlib import Path

    from generator.core.finding import Finding

LIBRARY = TemplateLoader((templates_root(),))
CASES = sorted(path for path in (ROOT / "tests" / "cases" / "autoscalers").iterdir() if path.is_dir())
_KINDS = ("HorizontalPodAutoscaler", "ScaledObject")


def _block(finding: Finding) -> str:
    place = f"{finding.position.file}:{finding.position.line}"
    return f"# {place} {finding.severity} {finding.id} {finding.message}\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_autoscalers(case: Path, rewrite: bool) -> None:
    made = plan(read_spec_files(case).contents, LIBRARY, validate=embedded_validator(schemas_of(ROOT)))
    findings = "".join(map(_block, made.findings))
    trees = [
        entry.tree for entry in expected_manifests(made.fleet, made.routing, LIBRARY) if entry.tree["kind"] in _KINDS
    ]
    found = findings + "---\n".join(map(dump, trees))
    if rewrite:
        (case / "expected.yaml").write_text(found, encoding="utf-8")
    assert found == (case / "expected.yaml").read_text(encoding="utf-8")
