"""servegen and other programs on one workload, in turn: ratios of processor time and wall time.

A peer makes the objects of the same fleet (`workload`), compared object by object, and prints them as one text.
servegen does more: it reads the specs, resolves and checks them, validates the objects, and writes bases and overlays.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from generator.core.yaml import dump
from generator.pipeline.expected import expected_manifests
from generator.repo.repository import Repository
from tests.bench import floor
from tests.bench.fleet import make_fleet
from tests.bench.languages import LANGUAGES, UNMEASURED, Language
from tests.bench.process import run, spread
from tests.bench.workload import Group, split_objects

_SERVEGEN = [sys.executable, "-m", "generator", "render", "--no-cache"]
_TITLE = "| program | servegen's processor time / its own | servegen's wall time / its own | its processor time |"


@dataclass(frozen=True, slots=True)
class Rival:
    """A program that is measured beside servegen: its command, and the folder in which it runs."""

    name: str
    command: list[str]
    folder: Path


def measure_peers(base: Path, python: str, services: int, runs: int) -> None:
    """Print the ratios of servegen to each rival as a table in Markdown.

    `python` is an interpreter that has the packages of peers, `base` an empty folder.
    """
    root = base / "fleet"
    make_fleet(root, services)
    _render(root)
    rivals = [_floor(base, root)]
    objects = _objects(root)
    size = sum(len(dump(tree)) for tree in objects)
    where = f"{os.cpu_count()} processors, Python {platform.python_version()}"
    print(f"{services} x 3: {len(objects)} objects of {size / 1e6:.1f} MB, {where}, {runs} runs in turn")
    groups = split_objects(objects)
    for name, language in LANGUAGES.items():
        if _version(python, language) is None:
            print(f"{name}: not measured, {python} has no {language.package}")
        else:
            rivals.append(_peer(base, name, python, language, groups))
    for name, reason in UNMEASURED.items():
        print(f"{name}: not measured, {reason}")
    print(f"\n{_TITLE}\n|---|---|---|---|")
    for rival in rivals:
        print(_compare(rival, root, runs), flush=True)


def _compare(rival: Rival, root: Path, runs: int) -> str:
    pairs = []
    for _ in range(runs):
        shutil.rmtree(rival.folder / "out", ignore_errors=True)
        pairs.append((_render(root), run(rival.command, rival.folder)))
    wall, cpu = ([own[at] / other[at] for own, other in pairs] for at in (0, 1))
    seconds = sorted(other[1] for _, other in pairs)[len(pairs) // 2]
    return f"| {rival.name} | {spread(cpu)} | {spread(wall)} | {seconds:.2f} s |"


def _render(root: Path) -> tuple[float, float, float]:
    for made in (root / "rendered", root / ".servegen"):
        shutil.rmtree(made, ignore_errors=True)
    return run(_SERVEGEN, root)


def _floor(base: Path, root: Path) -> Rival:
    data = base / "data"
    floor.prepare(root / "rendered", data)
    command = [sys.executable, "-m", "tests.bench.floor", str(root / "services"), str(data), str(base / "out")]
    return Rival("reading, emitting and writing alone, in Python", command, base)


def _objects(root: Path) -> list[dict[str, object]]:
    repository = Repository.open(root)
    resolved = repository.resolved
    return [entry.tree for entry in expected_manifests(resolved.fleet, resolved.routing, repository.templates)]


def _version(python: str, language: Language) -> str | None:
    """Return the version of a peer's package; None if the interpreter does not have it."""
    script = f"import {language.module}; from importlib.metadata import version; print(version({language.package!r}))"
    done = subprocess.run([python, "-c", script], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def _peer(base: Path, name: str, python: str, language: Language, groups: list[Group]) -> Rival:
    """Write the program of a peer, and run it once: its objects must be the expected ones."""
    folder = base / language.module
    folder.mkdir()
    (folder / "values.json").write_text(json.dumps([group.values for group in groups]), encoding="utf-8")
    (folder / language.file).write_text(language.program(groups), encoding="utf-8")
    command = [python, "-c", language.run]
    printed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
    made = (json.loads(printed) if printed.startswith("{") else yaml.load(printed, Loader=yaml.CSafeLoader))["objects"]
    wanted = [tree for group in groups for tree in group.objects]
    if [_canonical(tree) for tree in made] != [_canonical(tree) for tree in wanted]:
        raise SystemExit(f"{name} made other objects: {len(made)}, expected {len(wanted)}")
    return Rival(f"{name} ({language.package} {_version(python, language)})", command, folder)


def _canonical(tree: object) -> str:
    """Return an object as text in one order of keys: Jsonnet sorts them."""
    return json.dumps(tree, sort_keys=True)
