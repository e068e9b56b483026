"""Each folder of cases/autoscalers is a repository; expected.yaml holds its autoscalers and the metrics they read.

To rewrite expected.yaml for review: `pytest tests/render/test_autoscalers.py --rewrite`.
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

if TYPE_CHECKING:
    from pathlib import Path

    from generator.core.finding import Finding

LIBRARY = TemplateLoader((templates_root(),))
CASES = sorted(path for path in (ROOT / "tests" / "cases" / "autoscalers").iterdir() if path.is_dir())
_KINDS = ("HorizontalPodAutoscaler", "ScaledObject")
_RULES = "monitoring"


def _is_shown(tree: dict[str, Any]) -> bool:
    return tree["kind"] in _KINDS or (tree["kind"] == "ConfigMap" and tree["metadata"]["namespace"] == _RULES)


def _block(finding: Finding) -> str:
    place = f"{finding.position.file}:{finding.position.line}"
    return f"# {place} {finding.severity} {finding.id} {finding.message}\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_autoscalers(case: Path, rewrite: bool) -> None:
    made = plan(read_spec_files(case).contents, LIBRARY, validate=embedded_validator(schemas_of(ROOT)))
    findings = "".join(map(_block, made.findings))
    manifests = expected_manifests(made.fleet, made.routing, LIBRARY)
    trees = [entry.tree for entry in manifests if _is_shown(entry.tree)]
    found = findings + "---\n".join(map(dump, trees))
    if rewrite:
        (case / "expected.yaml").write_text(found, encoding="utf-8")
    assert found == (case / "expected.yaml").read_text(encoding="utf-8")


_DELIVERY = "delivery: {tool: %s, repository: 'https://git.example.com/team/models.git'}\n\nclusters:\n"


def _delivered(name: str, tool: str) -> tuple[dict[str, str], dict[tuple[str, str], dict[str, Any]]]:
    """Return the files of the delivery tool for a case, and the Deployments by environment and name."""
    contents = dict(read_spec_files(ROOT / "tests" / "cases" / "autoscalers" / name).contents)
    platform = contents["services/platform.yaml"].decode()
    contents["services/platform.yaml"] = platform.replace("clusters:\n", _DELIVERY % tool, 1).encode()
    made = plan(contents, LIBRARY)
    assert made.files is not None
    manifests = expected_manifests(made.fleet, made.routing, LIBRARY)
    found = {
        (entry.environment, entry.tree["metadata"]["name"]): entry.tree
        for entry in manifests
        if entry.tree["kind"] == "Deployment"
    }
    return {path: text for path, text in made.files.items() if path.startswith(f"rendered/{tool}/")}, found


@pytest.mark.parametrize("tool", ["argocd", "flux"])
def test_delivery_tools_know_scaled_objects_where_keda_is(tool: str) -> None:
    files, deployments = _delivered("keda", tool)
    text = "\n".join(files.values())
    wanted = ("keda.sh_ScaledObject: |", "group: keda.sh\n") if tool == "argocd" else ("kind: ScaledObject\n",)
    assert all(part in text for part in wanted)
    without = "\n".join(_delivered("hpa", tool)[0].values())
    assert "ScaledObject" not in without
    # The ConfigMap with the rules is outside of the namespaces of apps.
    assert tool != "argocd" or "namespace: monitoring\n" in without
    # Delivery leaves the number to KEDA; the first pod is there at the creation, even where zero is the minimum.
    for name, replicas in (("m-1", 2), ("m-2", 1)):
        tree = deployments["prod", name]
        assert tree["metadata"]["annotations"]["servegen/replicas"] == "autoscaled"
        assert tree["spec"]["replicas"] == replicas
    assert deployments["test", "m-2"]["spec"]["replicas"] == 1
