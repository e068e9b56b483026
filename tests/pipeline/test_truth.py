"""Invariants of a rendered tree: kustomize builds the manifests, engines accept them, nothing depends on chance."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.expected import expected_builds, expected_platform_builds
from generator.pipeline.plan import plan
from generator.pipeline.validators import embedded_validator
from generator.render.objects import ObjectRenderer
from generator.repo.repository import schemas_of
from generator.repo.spec_files import read_spec_files
from tests.conftest import ROOT
from tests.support.fleets import repositories
from tests.support.fuzz import examples
from tests.support.kustomize import build_together

if TYPE_CHECKING:
    from generator.pipeline.plan import Plan

Named = dict[tuple[str, str, str], dict[str, Any]]
LIBRARY = TemplateLoader((templates_root(),))


def _by_name(objects: list[dict[str, Any]]) -> Named:
    named = {(o["kind"], o["metadata"].get("namespace", ""), o["metadata"]["name"]): o for o in objects}
    assert len(named) == len(objects)
    return named


def _true(made: Plan) -> dict[str, list[dict[str, Any]]]:
    """The manifests of each folder of the rendered tree that is built: overlays of apps, and folders of clusters."""
    objects, out = ObjectRenderer(LIBRARY), expected_platform_builds(made.fleet, ObjectRenderer(LIBRARY))
    for services in made.fleet.apps().values():
        out |= expected_builds(made.fleet, made.routing, objects, services)
    return out


def _write(files: dict[str, str], root: Path) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())


def _assert_folders_are_true(made: Plan, root: Path, kustomize: Path) -> None:
    for folders in _together({root / folder: _by_name(objects) for folder, objects in _true(made).items()}):
        built = build_together(list(folders), kustomize)
        assert [*map(_by_name, built)] == list(folders.values())


def _together(folders: dict[Path, Named]) -> list[dict[Path, Named]]:
    """Return groups of folders whose objects have different names, as those of one environment."""
    groups: list[dict[Path, Named]] = []
    for folder, objects in folders.items():
        fitting = (group for group in groups if all(objects.keys().isdisjoint(other) for other in group.values()))
        group = next(fitting, None)
        if group is None:
            groups.append(group := {})
        group[folder] = objects
    return groups


def test_the_example_fleet_is_what_its_folders_build(kustomize: Path) -> None:
    made = plan(read_spec_files(ROOT).contents, LIBRARY, validate=embedded_validator(schemas_of(ROOT)))
    assert made.findings == ()
    assert len(_true(made)) == 13
    _assert_folders_are_true(made, ROOT, kustomize)


@settings(max_examples=examples(3, of=12), deadline=None, suppress_health_check=list(HealthCheck))
@given(repositories())
def test_random_fleets_build_to_the_expected_manifests_which_are_valid(
    kustomize: Path, files: dict[str, bytes]
) -> None:
    made = plan(files, LIBRARY, validate=embedded_validator(schemas_of(ROOT)))
    assert [finding for finding in made.findings if finding.severity == "error"] == []
    with tempfile.TemporaryDirectory() as folder:
        _write(made.files, Path(folder))
        _assert_folders_are_true(made, Path(folder), kustomize)


@settings(max_examples=examples(5, of=25), deadline=None)
@given(repositories())
def test_the_order_of_files_does_not_matter(files: dict[str, bytes]) -> None:
    shuffled = list(files.items())
    random.Random(0).shuffle(shuffled)
    assert plan(dict(shuffled), LIBRARY).files == plan(files, LIBRARY).files


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "Asia/Shanghai"},
        {"PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "TZ": "America/New_York", "PYTHONUTF8": "0"},
    ],
    ids=lambda environment: environment["PYTHONHASHSEED"],
)
def test_the_committed_tree_is_a_fresh_render(environment: dict[str, str], tmp_path: Path) -> None:
    """Byte for byte, with any hash seed, locale, time zone and working directory; and nothing is written."""
    before = _state(ROOT / "rendered")
    command = [sys.executable, "-m", "generator", "-C", str(ROOT), "render", "--check"]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert _state(ROOT / "rendered") == before


def test_line_ends_do_not_matter() -> None:
    specs = read_spec_files(ROOT).contents
    windows = {name: content.replace(b"\n", b"\r\n") for name, content in specs.items()}
    assert plan(windows, LIBRARY).files == plan(specs, LIBRARY).files


def _state(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {str(p): (p.stat().st_mtime_ns, p.read_bytes()) for p in folder.rglob("*") if p.is_file()}
