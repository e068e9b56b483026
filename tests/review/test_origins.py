"""Every rendered value has an origin, and another value in a line that it names gives another value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.core.errors import ServegenError
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import resolve_fleet
from generator.render.app_manifests import Manifest
from generator.render.objects import ObjectRenderer
from generator.review.origins.documents import documents_of, render_part
from generator.review.origins.field_paths import find_field, format_path, leaves, value_at
from generator.review.origins.find import OriginFinder
from generator.review.origins.kustomize_files import of_kustomize_file
from generator.review.origins.origin import SpecLine, ValueOrigin
from generator.review.origins.rules import ADDED
from generator.review.origins.spec_leaves import spec_leaves, variants
from generator.review.origins.what_if import identity
from generator.review.side import Side
from generator.review.spec_changes import spec_documents
from tests.conftest import ROOT
from tests.review.sides import FIRST, PLATFORM, SPECS, edit, side
from tests.support.fleets import repositories
from tests.support.fuzz import FACTOR, examples

Specs = Mapping[str, bytes]


@cache
def _example() -> dict[str, bytes]:
    files = (ROOT / "services").rglob("*.yaml")
    return {str(path.relative_to(ROOT)): path.read_bytes() for path in files}


def _resolved(specs: Specs) -> Side:
    loader = TemplateLoader((templates_root(),))
    found = resolve_fleet(specs, loader)
    return Side(found.fleet, found.routing, ObjectRenderer(loader))


@cache
def _example_side() -> Side:
    return _resolved(_example())


def _objects(one: Side) -> list[Manifest]:
    parts = [render_part(one, app) for app in (None, *one.apps)]
    return [entry for part in parts for entry in (*part.manifests, *part.bases)]


def _unresolved(one: Side, specs: Specs) -> tuple[int, list[str]]:
    """Return the number of rendered values, in `make test` those of a part of the objects, and those without origin."""
    finder, count = OriginFinder(one, specs, tries=False), 0
    missing = []
    for where, tree, path, found in _origins(one, finder):
        count += 1
        if found.rule == ADDED or (found.first is None and not found.rule):
            missing.append(f"{where} {format_path(tree, path)}")
    return count, missing


def _origins(one: Side, finder: OriginFinder) -> Iterator[tuple[str, Any, Any, ValueOrigin]]:
    for app in (None, *one.apps):
        part = render_part(one, app)
        for entry in (*part.manifests, *part.bases)[:: 1 if FACTOR > 1 else 4]:
            for path, _ in leaves(entry.tree):
                yield f"{entry.environment} {entry.tree['kind']}", entry.tree, path, finder.of(entry, path)
        for file in part.files:
            for document in documents_of(part, file):
                if document.manifest is None:
                    for path, _ in leaves(document.tree):
                        yield file, document.tree, path, of_kustomize_file(one.fleet, document, path)


def test_every_value_of_the_example_fleet_has_an_origin() -> None:
    count, missing = _unresolved(_example_side(), _example())
    assert missing == []
    assert count > 1_000


@settings(max_examples=examples(1, of=5), deadline=None)
@given(specs=repositories())
def test_every_value_of_generated_services_has_an_origin(specs: dict[str, bytes]) -> None:
    assert _unresolved(_resolved(specs), specs)[1] == []


def _changed(specs: Specs, line: SpecLine, entry: Manifest, path: tuple[str | int, ...]) -> bool:
    """Return whether another value in the line changes the value, in a whole fleet that is checked and rendered."""
    one = _resolved(specs)
    document = spec_documents(one.fleet)[line.position.file]
    at = next(leaf for leaf in spec_leaves(document) if document.position(leaf) == line.position)
    before = value_at(entry.tree, path)
    for _, text in variants(document, at):
        try:
            other = _resolved({**specs, document.file: text.encode()})
        except ServegenError:
            continue
        found = {identity(object): object.tree for object in _objects(other)}
        tree = found.get(identity(entry))
        place = find_field(tree, format_path(entry.tree, path)) if tree is not None else None
        if tree is None or place is None or value_at(tree, place) != before:
            return True
    return False


def _lines(found: ValueOrigin) -> list[SpecLine]:
    settings = [one.lines[0] for one in found.settings]
    lines = [*found.patches, *settings, *found.lines] if found.proven else []
    return [line for line in lines if line.position.file.startswith("services/") and line.value]


def _disagreements(specs: Specs, data: st.DataObject, tried: int) -> tuple[int, list[str]]:
    one = _resolved(specs)
    finder = OriginFinder(one, specs)
    values = [(entry, path) for entry in _objects(one) for path, _ in leaves(entry.tree)]
    count, wrong = 0, []
    for _ in range(tried):
        entry, path = data.draw(st.sampled_from(values))
        for line in _lines(finder.of(entry, path)):
            count += 1
            if not _changed(specs, line, entry, path):
                wrong.append(f"{entry.tree['kind']} {format_path(entry.tree, path)}: {line}")
    return count, wrong


@settings(max_examples=examples(1, of=5), deadline=None)
@given(data=st.data())
def test_another_value_in_a_named_line_changes_the_value(data: st.DataObject) -> None:
    specs = {file: text.encode() for file, text in SPECS.items()}
    assert _disagreements(specs, data, 4)[1] == []


@settings(max_examples=examples(1, of=5), deadline=None)
@given(specs=repositories(), data=st.data())
def test_the_same_of_generated_services(specs: dict[str, bytes], data: st.DataObject) -> None:
    assert _disagreements(specs, data, 2)[1] == []


def _first(specs: Mapping[str, str]) -> tuple[OriginFinder, list[Manifest]]:
    one = side(specs)
    return OriginFinder(one, {file: text.encode() for file, text in specs.items()}), _objects(one)


def _origin(specs: Mapping[str, str], kind: str, field: str, environment: str = "prod") -> ValueOrigin:
    finder, objects = _first(specs)
    found = [one for one in objects if (one.environment, one.tree["kind"]) == (environment, kind)]
    entry, path = next((one, at) for one in found if (at := find_field(one.tree, field)) is not None)
    return finder.of(entry, path)


PATCHED = edit(FIRST, "command: run", "command: run\npatches:\n- kind: Deployment\n  spec: {paused: true}")
LAYERS = edit(PLATFORM, "clusters:", "defaults: {env: {A: low}}\nclusters:")


@pytest.mark.parametrize(
    ("specs", "kind", "field", "keys"),
    [
        (SPECS, "Deployment", "spec.template.spec.containers[main].env[A].value", ["env.A"]),
        (LAYERS, "Deployment", "spec.template.spec.containers[name=main].env[A].value", ["env.A", "defaults.env.A"]),
        (SPECS, "HorizontalPodAutoscaler", "spec.minReplicas", ["environments.prod.replicas", "replicas", "replicas"]),
        (PATCHED, "Deployment", "spec.paused", ["patches.0.spec.paused"]),
        (SPECS, "VirtualService", "spec.gateways[0]", []),
        (SPECS, "Deployment", "metadata.labels.app.kubernetes.io/version", ["version"]),
    ],
)
def test_the_lines_of_all_layers(specs: Mapping[str, str], kind: str, field: str, keys: list[str]) -> None:
    found = _origin(specs, kind, field)
    lines = [*found.patches, *(line for one in found.settings for line in one.lines), *found.lines]
    assert [line.key for line in lines] == keys
    assert found.proven or not keys


def test_what_servegen_adds_has_a_rule() -> None:
    assert "pods need" in _origin(_argocd(), "ServiceAccount", "metadata.annotations.argocd.argoproj.io/sync-wave").rule
    namespace = _origin(SPECS, "Deployment", "metadata.namespace")
    assert [line.key for line in namespace.lines] == ["environments.prod.namespace"]
    config = _origin(SPECS, "ConfigMap", "data.a.txt")
    assert [line.position.file for one in config.settings for line in one.lines] == [FIRST]


def _argocd() -> dict[str, str]:
    delivery = "main: {delivery: {tool: argocd, repository: https://git.example.com/a/b.git},"
    return edit(PLATFORM, "main: {", delivery)


def test_a_value_of_a_template_names_its_line() -> None:
    found = _origin(SPECS, "Deployment", "spec.template.spec.containers[0].image")
    assert found.template is not None
    line = Path(templates_root(), found.template.file.removeprefix("templates/")).read_text(encoding="utf-8")
    assert line.splitlines()[found.template.line - 1].strip() == found.text == "image: {{ pod.image }}"
    assert found.meanings == ("The container image.",)


OWN: Final = """\
{# a comment
   of two lines #}
apiVersion: v1
kind: ConfigMap
{% if service.name %}
metadata:
  name: {{ service.name ~ "-own" }}
{% endif %}
data:
  text: |
    one
    two
  empty: {}
{% if not service.name %}
  never: there
{% endif %}
  version: {{ service.labels["app.kubernetes.io/version"] }}
"""


def test_the_lines_of_a_template_of_the_repository(tmp_path: Path) -> None:
    """Comments, conditions and texts of several lines do not move the lines."""
    name = "service/overlay/90-own.yaml.j2"
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text(OWN, encoding="utf-8")
    loader = TemplateLoader((tmp_path, templates_root()))
    specs = {file: text.encode() for file, text in SPECS.items()}
    found = resolve_fleet(specs, loader)
    one = Side(found.fleet, found.routing, ObjectRenderer(loader))
    entry = next(one for one in _objects(one) if one.template == name)
    finder = OriginFinder(one, specs)
    origins = {path: finder.of(entry, path) for path, _ in leaves(entry.tree)}
    lines = {format_path(entry.tree, path): origin.template for path, origin in origins.items()}
    rows = OWN.splitlines()
    for field, place in lines.items():
        if field != "metadata.namespace":
            assert place is not None
            assert field.rpartition(".")[2] in rows[place.line - 1], field
    assert [line.key for line in origins["data", "version"].lines] == ["version"]
