"""Random edits: what `affected` names, and what `diff` says although it compares only what a change can reach."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.core.errors import RefusedError
from generator.fleet.model import ServiceInstance
from generator.fleet.routes import RouteGroup
from generator.pipeline.fleet_only import FleetResolver
from generator.pipeline.plan import plan
from generator.render.app import render_app
from generator.render.objects import ObjectRenderer
from generator.report import diff_json
from generator.report.conceal import Concealer
from generator.report.diff_view import DiffView
from generator.review.affected import AffectedService, affected_services
from generator.review.model import Review
from generator.review.review import review
from generator.review.side import Side
from generator.review.sides import Sides, resolve_sides
from generator.review.template_lines import template_lines
from tests.review.edits import (
    DEPLOYMENT,
    EDITS,
    FAR,
    FAULTY,
    FLEET,
    LINES,
    ONE,
    OTHER,
    PLATFORM,
    TWO,
    Edit,
    apply,
    loader_of,
    specs_of,
)
from tests.support.fuzz import examples

Files = tuple[tuple[str, str], ...]
Key = tuple[str, str, str]
NOW: Final = datetime(2026, 11, 5, tzinfo=UTC)
EDITED: Final = st.lists(st.sampled_from(EDITS), max_size=3)
LINED: Final = st.lists(st.sampled_from(LINES), max_size=3)
CHANGES: Final = st.lists(st.sampled_from(EDITS), min_size=1, max_size=3)
# How often services were affected, and how often their objects or findings differed.
COUNTS: Final[Counter[str]] = Counter()


@pytest.fixture(scope="module", autouse=True)
def _report() -> Iterator[None]:
    yield
    sys.stdout.write("".join(f"\n{name}: {number}" for name, number in sorted(COUNTS.items())))


def _files(edits: list[Edit], start: Mapping[str, str] = FLEET) -> dict[str, str]:
    files = dict(start)
    for edit in edits:
        files = apply(files, edit)
    return files


def _sides(before: Mapping[str, str], after: Mapping[str, str]) -> Sides:
    return resolve_sides((specs_of(before), specs_of(after)), (loader_of(before), loader_of(after)))


def _json(found: Review, *files: Mapping[str, str]) -> str:
    return diff_json.report(DiffView(found, "one", "other", (), Concealer([specs_of(one) for one in files])))


@lru_cache(maxsize=64)
def _alone(files: Files) -> Side:
    """Return a side that shares nothing."""
    specs, loader = specs_of(dict(files)), loader_of(dict(files))
    resolved = FleetResolver(loader).resolve(specs)
    return Side(resolved.fleet, resolved.routing, ObjectRenderer(loader))


@lru_cache(maxsize=64)
def _facts(files: Files) -> tuple[dict[tuple[Key, str], Any], dict[str, Counter[object]]]:
    """Return the objects of a fleet by service and environment, and its findings by file.

    The files of its base are those of a service in the environment with the empty name.
    """
    side, specs, loader = _alone(files), specs_of(dict(files)), loader_of(dict(files))
    objects: dict[tuple[Key, str], Any] = {}
    for services in side.apps.values():
        app = render_app(side.fleet, side.routing, side.renderer, services)
        for entry in app.manifests:
            owner = entry.origin.owner if isinstance(entry.origin, RouteGroup) else entry.origin
            if isinstance(owner, ServiceInstance):
                objects.setdefault((owner.service.key, entry.environment), []).append((entry.template, entry.tree))
        for service in services:
            base = f"rendered/{service.project}/{service.app}/base/{service.name}/"
            objects[service.key, ""] = {name: text for name, text in app.files.items() if name.startswith(base)}
    findings: dict[str, Counter[object]] = {}
    for finding in plan(specs, loader, now=NOW).findings:
        where = findings.setdefault(finding.position.file, Counter())
        where[finding.id, finding.message, finding.hint, finding.severity] += 1
    return objects, findings


def _frozen(files: Mapping[str, str]) -> Files:
    return tuple(sorted(files.items()))


@settings(max_examples=examples(6, of=20), deadline=None, suppress_health_check=list(HealthCheck))
@given(EDITED, CHANGES)
def test_a_diff_of_what_a_change_reaches_is_the_diff_of_everything(start: list[Edit], edits: list[Edit]) -> None:
    before = _files(start)
    _require_whole(before, _files(edits, before))


@settings(max_examples=examples(6, of=20), deadline=None, suppress_health_check=list(HealthCheck))
@given(EDITED, LINED, st.lists(st.sampled_from([*LINES, FAULTY]), max_size=3))
def test_a_diff_of_lines_of_templates_is_the_diff_of_everything(
    start: list[Edit], lines: list[Edit], edits: list[Edit]
) -> None:
    before = _files([*start, *lines])
    after = _files(edits, before)
    assert _outcome(_narrow, before, after) == _outcome(_whole, before, after)


def _outcome(
    compare: Callable[[Mapping[str, str], Mapping[str, str]], Review],
    before: Mapping[str, str],
    after: Mapping[str, str],
) -> object:
    """Return the report of a comparison, or its findings."""
    try:
        return _json(compare(before, after), before, after)
    except RefusedError as refused:
        return {(one.id, one.position, one.message) for one in refused.findings}


def test_a_line_is_compared_without_the_rest_of_its_template() -> None:
    sides = _sides(FLEET, _files([LINES[0]]))
    lines = template_lines(sides.before, sides.after, sides.templates)
    assert lines is not None
    pairs = [pair for app in sides.after.apps for pair in lines.of(app) or pytest.fail(str(app))]
    assert [{**old.tree["spec"], **new.tree["spec"]} for old, new in pairs] == [
        {"replicas": 2, "revisionHistoryLimit": 6}
    ] * 5


def test_an_overlay_without_services_moves_with_its_environment() -> None:
    before = _files([Edit(FAR, "far: {released: 2026-11-01T10:00:00Z}", "far: null")])
    found = _require_whole(before, _files([Edit(PLATFORM, "far: {cluster: far,", "far: {cluster: main,")], before))
    assert "ConfigMap/servegen-c" in {f"{change.key.short_kind}/{change.key.name}" for change in found.objects}


def test_a_line_of_a_template_counts_the_pods_that_autoscalers_keep() -> None:
    line = Edit(DEPLOYMENT, "automountServiceAccountToken: false", "automountServiceAccountToken: true")
    before = _files([Edit(TWO)])
    found = _require_whole(before, _files([line], before))
    pods = {(change.environment, change.key.name): change.pods for change in found.objects}
    assert pods == {("prod", "m-1"): 3, ("test", "m-1"): 2, ("prod", "n-1"): 2, ("far", "n-1"): 2, ("far", "k-1"): 2}


def _require_whole(before: Mapping[str, str], after: Mapping[str, str]) -> Review:
    found = _narrow(before, after)
    assert _json(found, before, after) == _json(_whole(before, after), before, after)
    return found


def _narrow(before: Mapping[str, str], after: Mapping[str, str]) -> Review:
    sides = _sides(before, after)
    return review(sides.before, sides.after, sides.changed, templates=sides.templates)


def _whole(before: Mapping[str, str], after: Mapping[str, str]) -> Review:
    sides = _sides(before, after)
    one, other = _alone(_frozen(before)), _alone(_frozen(after))
    return review(one, other, sides.changed, templates=sides.templates, whole=True)


@settings(max_examples=examples(6, of=20), deadline=None, suppress_health_check=list(HealthCheck))
@given(EDITED, CHANGES)
def test_every_service_with_other_objects_or_findings_is_affected(start: list[Edit], edits: list[Edit]) -> None:
    before = _files(start)
    after = _files(edits, before)
    found = {one.key: one for one in affected_services(_sides(before, after))}
    (old, said), (new, says) = _facts(_frozen(before)), _facts(_frozen(after))
    differing = {place for place in old.keys() | new.keys() if old.get(place) != new.get(place)}
    for key, environment in differing:
        assert found[key].objects, key
        assert not environment or environment in found[key].environments, (key, environment)
    reported = {file for file in said.keys() | says.keys() if said.get(file) != says.get(file)}
    wanted = {tuple(file.removesuffix(".yaml").split("/")[1:]) for file in reported}
    services = {key for key, _ in old.keys() | new.keys()}
    assert wanted & services <= found.keys()
    _count(services, {key for key, _ in differing}, wanted & services, found)


def _count(
    services: set[Key], differing: set[Key], reported: set[tuple[str, ...]], found: dict[Key, AffectedService]
) -> None:
    COUNTS["services"] += len(services)
    COUNTS["with other objects"] += len(differing)
    COUNTS["with other objects or findings"] += len(differing | reported)
    COUNTS["affected"] += len(found)
    COUNTS["affected in their objects"] += sum(one.objects for one in found.values())


def _affected(*edits: Edit) -> dict[str, AffectedService]:
    return {one.key[2]: one for one in affected_services(_sides(FLEET, _files(list(edits))))}


def test_a_changed_service_is_affected_where_its_settings_differ() -> None:
    found = _affected(Edit(ONE, "replicas: 3~6", "replicas: 3~9"))
    assert (found["m-1"].environments, found["m-1"].objects) == (("prod",), True)
    assert found["m-1"].because == (("spec", ONE, ""),)
    assert (found["m-2"].objects, found["m-2"].because) == (False, (("app", "p/a", "p/a/m-1"),))
    assert found.keys() == {"m-1", "m-2"}


def test_a_default_affects_the_objects_of_the_services_that_do_not_override_it() -> None:
    found = _affected(Edit(PLATFORM, "LEVEL: low", "LEVEL: lower"))
    assert {name: one.objects for name, one in found.items()} == {"k-1": True, "m-1": True, "m-2": False, "n-1": True}
    assert found["m-2"].because == (("platform", PLATFORM, ""),)


def test_a_fact_of_a_cluster_affects_the_services_on_it() -> None:
    found = _affected(Edit(PLATFORM, "domain: far.example.com", "domain: away.example.com"))
    assert {name: one.environments for name, one in found.items() if one.objects} == {"k-1": ("far",), "n-1": ("far",)}


def test_services_are_affected_by_what_they_share() -> None:
    assert {*_affected(Edit(OTHER, "id: 14", "id: 15"))} == {"n-1", "k-1"}
    assert {*_affected(Edit(OTHER, "command: run\n", "command: run\nhost: m.example.com\npath: /n\n"))} == {
        *("n-1", "m-1", "m-2")
    }
    found = _affected(Edit(TWO, "2026-11-02", "2026-10-02"))
    assert (found["m-1"].objects, found["m-1"].environments) == (True, ("prod",)), "it owns the host again"


def test_templates_affect_the_services_that_use_them() -> None:
    assert _affected(Edit("templates/platform/namespace.yaml.j2", "kind: Namespace", "kind: Namespace # x")) == {}
    found = _affected(Edit("templates/sidecars/istio.yaml", "annotations:\n", "annotations:\n  x: y\n"))
    assert [(name, one.objects) for name, one in found.items()] == [("n-1", True)]
    assert len(_affected(Edit("templates/gpu/none.yaml.j2", "", "# nothing\n"))) == 4


def test_nothing_is_affected_by_other_files() -> None:
    assert _affected(Edit("services/p/notes.txt", "", "x")) == {}
    assert _affected(Edit(PLATFORM, "servegen: ~=1.0\n", "servegen: ~=1.0  # the version\n")) == {}
    assert {*_affected(Edit(FAR, "command: run", "command: run  # as before"))} == {"k-1"}
