"""A repository's own templates: objects that only some environments have, and that kustomize builds to the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.core.paths import templates_root
from generator.core.programs.kustomize import build
from generator.core.template_loader import TemplateLoader
from generator.fleet.model import ClusterEntry
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan
from generator.pipeline.validators import embedded_validator
from generator.repo.repository import schemas_of
from tests.support.fleets import TWO_CLUSTERS

if TYPE_CHECKING:
    from pathlib import Path

SPEC = "model: m\nversion: v1\ntype: tfserving\nconfig: {a.txt: x}\nenvironments: {test: , far: }\n"
_OBJECT = (
    "{%% if %s %%}\napiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ service.name }}\n"
    "  labels: {{ service.labels }}\nstringData:\n  a: b\n{%% endif %%}\n"
)


def _built(tmp_path: Path, kustomize: Path, condition: str) -> dict[str, list[str]]:
    own = tmp_path / "templates"
    (own / "service" / "base").mkdir(parents=True)
    (own / "service" / "base" / "40-secret.yaml.j2").write_text(_OBJECT % condition, encoding="utf-8")
    loader = TemplateLoader((own, templates_root()))
    files = {"services/platform.yaml": TWO_CLUSTERS.encode(), "services/p/a/m-1.yaml": SPEC.encode()}
    made = plan(files, loader, validate=embedded_validator(schemas_of(tmp_path)))
    assert made.findings == ()
    for name, text in made.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())
    kinds = {}
    for environment in ("test", "far"):
        found = (
            entry for entry in expected_manifests(made.fleet, made.routing, loader) if entry.environment == environment
        )
        true = [entry.tree for entry in found if not isinstance(entry.origin, ClusterEntry)]
        objects = build(tmp_path / "rendered" / "p" / "a" / "overlays" / environment, kustomize)
        assert len(objects) == len(true)
        assert all(tree in objects for tree in true)
        kinds[environment] = sorted(tree["kind"] for tree in objects if tree["kind"] == "Secret")
    return kinds


def test_an_object_that_the_base_lacks(tmp_path: Path, kustomize: Path) -> None:
    assert _built(tmp_path, kustomize, "not service.scrape_annotations") == {"test": [], "far": ["Secret"]}


def test_an_object_that_an_environment_lacks(tmp_path: Path, kustomize: Path) -> None:
    assert _built(tmp_path, kustomize, "service.scrape_annotations") == {"test": ["Secret"], "far": []}
