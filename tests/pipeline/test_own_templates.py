"""A repository's own templates: objects that only some environments have, and builds that equal the manifests."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from generator.core.errors import RefusedError
from generator.core.paths import templates_root
from generator.core.programs.kustomize import KustomizeError, build
from generator.core.template_loader import TemplateLoader
from generator.fleet.model import ClusterEntry
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan
from generator.pipeline.validators import embedded_validator
from generator.render.own_templates import find_template_mistakes
from generator.repo.repository import schemas_of
from generator.spec.catalog import Catalog
from tests.support.clones import write
from tests.support.command import servegen
from tests.support.fleets import PLATFORM, TWO_CLUSTERS

if TYPE_CHECKING:
    from pathlib import Path

SPEC = "model: m\nversion: v1\ntype: triton-server\ncommand: run\nconfig: {a.txt: x}\nenvironments: {test: , far: }\n"
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


WRONG = [
    ("service/base/40-a.yaml.j2", "apiVersion: v1\nkind: Secret\n", "1:1", "the object has no metadata.name"),
    ("app/marker.yaml.j2", "apiVersion: v1\nmetadata: [a]\nkind: A\n", "1:1", "the object has no metadata.name"),
    ("app/marker.yaml.j2", "{% if not app %}\na: 1\n{% endif %}\n", "1:1", "this template renders to nothing"),
    ("delivery/argocd/root.yaml.j2", "kind: A\nmetadata: {name: a}\n", "1:1", "the object has no apiVersion"),
    (
        "service/base/40-a.yaml.j2",
        "apiVersion: v1\nmetadata:\n  name: {{ service.name }}\n",
        "1:1",
        "the object has no kind",
    ),
    (
        "service/base/40-a.yaml.j2",
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports:\n    - {name: x}\n",
        "5:3",
        "spec.ports.0: found an item without its key, or with that of an earlier item",
    ),
    ("service/overlay/40-a.yaml.j2", "a: 1\n b: 2\n", "2:2", "this does not render to YAML: mapping values are not"),
    ("service/base/40-a.yaml.j2", "a: {{ pod.envs }}\n", "1:7", 'found "pod.envs", expected a value that this'),
    ("service/base/40-a.yaml.j2", "a: {{ pod.env.b.c }}\n", "1:1", "this line cannot be evaluated: 'list object' has"),
    ("gpu/hami.yaml.j2", "limits:\n  - a\n", "1:1", "limits: found a list, expected a mapping"),
    ("gpu/hami.yaml.j2", "a: 1\n", "1:1", 'found the unknown key "a"'),
    (
        "nodes/gfd.yaml.j2",
        "nodeSelector:\n  a: {{ gpu.count / 0 }}\n",
        "2:3",
        "this line cannot be evaluated: division",
    ),
    (
        "delivery/argocd/marker.yaml.j2",
        "a: {{ nothing }}\n",
        "1:1",
        "this line cannot be evaluated: 'nothing' is undef",
    ),
]


@pytest.mark.parametrize(("file", "text", "position", "fault"), WRONG)
def test_a_mistake_in_an_own_template_is_a_finding_at_its_line(
    tmp_path: Path, file: str, text: str, position: str, fault: str
) -> None:
    (tmp_path / "templates" / file).parent.mkdir(parents=True)
    (tmp_path / "templates" / file).write_text(text, encoding="utf-8")
    platform = f"{PLATFORM}delivery: {{tool: argocd, repository: https://git.example.com/a.git}}\n"
    spec = SPEC.replace("test: , far:", "test: , prod:") + "resources: {gpu: 1(T4)}\n"
    files = {"services/platform.yaml": platform.encode(), "services/p/a/m-1.yaml": spec.encode()}
    loader = TemplateLoader((tmp_path / "templates", templates_root()))
    try:
        findings = plan(files, loader).findings
    except RefusedError as refused:
        findings = refused.findings
    found = [finding for finding in findings if finding.id[0] == "T"]
    assert [str(finding.position) for finding in found] == [f"templates/{file}:{position}"]
    assert found[0].message.startswith(fault)
    assert found[0].hint


_SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ service.name }}\n"
_SERVICE = _SECRET.replace("Secret", "Service")
# before that of the shipped template, and in another version of the kind
_SCALER = _SECRET.replace("v1", "autoscaling/v1").replace("Secret", "HorizontalPodAutoscaler")
_SAME_NAME = [
    ({"overlay/80-a": _SECRET, "overlay/90-a": _SECRET}, "Secret", "overlay/90-a", "overlay/80-a"),
    ({"base/80-a": _SECRET, "overlay/10-a": _SECRET}, "Secret", "overlay/10-a", "base/80-a"),
    ({"overlay/10-a": _SERVICE}, "Service", "overlay/10-a", "base/30-service"),
    ({"overlay/05-a": _SCALER}, "HorizontalPodAutoscaler", "overlay/05-a", "overlay/10-horizontalpodautoscaler"),
]


@pytest.mark.parametrize(("texts", "kind", "template", "other"), _SAME_NAME)
def test_two_templates_with_one_object_are_an_error(
    tmp_path: Path, kustomize: Path, texts: dict[str, str], kind: str, template: str, other: str
) -> None:
    found, built = _same_name(tmp_path, kustomize, texts)
    assert found == [
        f"templates/service/{template}.yaml.j2:1:1: {kind} m-1 is also rendered from templates/service/{other}.yaml.j2"
    ]
    assert built is ("/v1" in texts[template])  # kustomize takes two versions of a kind for two objects


def test_objects_of_two_groups_may_have_one_name(tmp_path: Path, kustomize: Path) -> None:
    texts = {"base/05-a": _SERVICE.replace("v1", "serving.knative.dev/v1")}
    assert _same_name(tmp_path, kustomize, texts) == ([], True)


def _same_name(tmp_path: Path, kustomize: Path, texts: dict[str, str]) -> tuple[list[str], bool]:
    """Return the findings about one name for two services with own templates, and whether kustomize builds them."""
    write(tmp_path, {f"templates/service/{name}.yaml.j2": text for name, text in texts.items()})
    loader = TemplateLoader((tmp_path / "templates", templates_root()))
    spec = SPEC.replace("test: , far:", "test: , prod:") + "replicas: 1~2\nhpa: cpu:50%\nresources: {cpu: 1}\n"
    specs = {f"services/p/a/m-{number}.yaml": spec.encode() for number in (1, 2)}
    made = plan({"services/platform.yaml": PLATFORM.encode(), **specs}, loader)
    write(tmp_path, dict(made.files))
    try:
        built = bool(build(tmp_path / "rendered" / "p" / "a" / "overlays" / "prod", kustomize))
    except KustomizeError:
        built = False
    return [f"{one.position}: {one.message}" for one in made.findings if one.id == "F03"], built


def test_validate_reports_what_fails_while_rendering_with_everything_else(tmp_path: Path) -> None:
    (tmp_path / "services" / "p" / "a").mkdir(parents=True)
    (tmp_path / "services" / "platform.yaml").write_text(PLATFORM, encoding="utf-8")
    spec = f"{SPEC.replace('far:', 'prod:')}replicas: 1\nhpa: cpu:50%\nsidecar: none\n"
    (tmp_path / "services" / "p" / "a" / "m-1.yaml").write_text(spec, encoding="utf-8")
    (tmp_path / "templates" / "service" / "base").mkdir(parents=True)
    (tmp_path / "templates" / "service" / "base" / "40-a.yaml.j2").write_text("a: 1\n b: 2\n", encoding="utf-8")
    done = servegen(tmp_path, "validate")
    found = [line.partition(": error: ")[0] for line in done.stderr.splitlines() if ": error: " in line]
    assert (done.returncode, found) == (1, ["services/p/a/m-1.yaml:9:10", "templates/service/base/40-a.yaml.j2:2:2"])


def test_a_copy_of_every_shipped_template_has_no_mistake(tmp_path: Path) -> None:
    own = tmp_path / "templates"
    shutil.copytree(templates_root(), own)
    assert find_template_mistakes(TemplateLoader((own, templates_root()))) == []


def test_a_template_that_is_no_text_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "x.yaml.j2").write_bytes(b"a: 1\nb: \xff\n")
    found = find_template_mistakes(TemplateLoader((tmp_path, templates_root())))
    assert [(str(finding.position), finding.id) for finding in found] == [("templates/x.yaml.j2:2:1", "T01")]
    assert found[0].message == "found the byte 0xff, expected UTF-8 text"


@pytest.mark.parametrize("is_source_tree", [False, True], ids=["a copy", "servegen's source tree"])
def test_a_mistake_in_a_data_file_is_found_though_nothing_uses_the_file(tmp_path: Path, is_source_tree: bool) -> None:
    """Each file that ships is no YAML any more: in the source tree, the repository's own files are those that ship."""
    own = tmp_path / "templates"
    shutil.copytree(templates_root(), own)
    loader = TemplateLoader((own, own if is_source_tree else templates_root()))
    assert Catalog(loader).mistakes == []
    files = [path for path in own.rglob("*.yaml") if "init" not in path.relative_to(own).parts]
    for path in files:
        path.write_bytes(path.read_bytes() + b"\n[wrong\n")
    found = {finding.position.file for finding in Catalog(loader).mistakes}
    assert found == {path.relative_to(tmp_path).as_posix() for path in files}
