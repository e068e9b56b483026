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
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from generator import __version__
from generator.core.yaml import dump
from generator.pipeline.expected import expected_manifests
from generator.repo.repository import Repository
from tests.bench import floor
from tests.bench.fleet import make_fleet
from tests.bench.peers import PEERS
from tests.bench.peers.peer import Found, Peer, Places
from tests.bench.process import Run, run, spread
from tests.bench.workload import Group, split_objects

_SERVEGEN = [sys.executable, "-m", "generator", "render", "--no-cache"]
_HEAD = (
    "| program | processor time | wall time | servegen's processor time / its own | servegen's wall time / its own |",
    "|---|---|---|---|---|",
)


@dataclass(frozen=True, slots=True)
class Rival:
    """A program that is measured beside servegen: its command, and the folder in which it runs."""

    name: str
    command: list[str]
    folder: Path


def compare_peers(base: Path, places: Places, services: int, runs: int) -> str:
    """Return the ratios of servegen to each program that was found, as Markdown: a text about the run and a table.

    `base` is an empty folder. Raises SystemExit if a peer makes other objects than servegen.
    """
    root = base / "fleet"
    make_fleet(root, services)
    _render(root)
    objects = _objects(root)
    groups = split_objects(objects)
    rivals = [_floor(base, root)]
    missing = []
    for peer in PEERS:
        found = peer.source.find(places)
        if found is None:
            missing.append(f"Not measured: {peer.name}. {peer.source.missing}.\n")
        else:
            rivals.append(_prepare(base, peer, found, groups))
    load = os.getloadavg()[0]
    rounds = [(_render(root), [_run(rival) for rival in rivals]) for _ in range(runs)]
    about = f"{_about(objects, services, runs)} Load of the machine before the first run: {load:.1f}."
    return "\n".join((about, "", *missing, *_table(rivals, rounds)))


def _about(objects: list[dict[str, Any]], services: int, runs: int) -> str:
    size = sum(len(dump(tree)) for tree in objects)
    return (
        f"{services:,} services in 3 environments: {len(objects):,} objects, {size / 1e6:.1f} MB as YAML. "
        f"The programs ran in turn, {runs} times: medians, and for ratios the lowest and the highest. "
        f"{platform.system()} with {os.cpu_count()} processors, Python {platform.python_version()}."
    )


def _table(rivals: list[Rival], rounds: list[tuple[Run, list[Run]]]) -> list[str]:
    own = [own for own, _ in rounds]
    rows = [f"| {_cells(f'servegen {__version__}', own)} | | |"]
    for rival, others in zip(rivals, zip(*(others for _, others in rounds), strict=True), strict=True):
        pairs = list(zip(own, others, strict=True))
        ratios = [spread([own[at] / other[at] for own, other in pairs]) for at in (1, 0)]
        rows.append(f"| {_cells(rival.name, others)} | {' | '.join(ratios)} |")
    return [*_HEAD, *rows]


def _cells(name: str, runs: Sequence[Run]) -> str:
    wall, processor = (median(run[at] for run in runs) for at in (0, 1))
    return f"{name} | {processor:.2f} s | {wall:.2f} s"


def _render(root: Path) -> Run:
    for made in (root / "rendered", root / ".servegen"):
        shutil.rmtree(made, ignore_errors=True)
    return run(_SERVEGEN, root)


def _run(rival: Rival) -> Run:
    shutil.rmtree(rival.folder / "out", ignore_errors=True)
    return run(rival.command, rival.folder)


def _floor(base: Path, root: Path) -> Rival:
    folder = base / "floor"
    folder.mkdir()
    data = folder / "data"
    floor.prepare(root / "rendered", data)
    command = [sys.executable, "-m", "tests.bench.floor", str(root / "services"), str(data), str(folder / "out")]
    return Rival("reading, emitting and writing alone, in Python", command, folder)


def _objects(root: Path) -> list[dict[str, Any]]:
    repository = Repository.open(root)
    resolved = repository.resolved
    return [entry.tree for entry in expected_manifests(resolved.fleet, resolved.routing, repository.templates)]


def _prepare(base: Path, peer: Peer, found: Found, groups: list[Group]) -> Rival:
    """Write the program of a peer, and run it once: its objects must be the expected ones."""
    folder = base / peer.name
    for name, text in peer.files(groups).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    command = [str(found.program), *peer.arguments]
    printed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if printed.returncode != 0:
        raise SystemExit(f"{peer.name} failed: {printed.stderr[-2000:]}")
    _require_same(peer.name, _printed_objects(printed.stdout), [tree for group in groups for tree in group.objects])
    return Rival(f"{peer.name} {found.version}", command, folder)


def _printed_objects(text: str) -> list[dict[str, Any]]:
    if text.startswith("{"):
        return list(json.loads(text)["objects"])
    documents = list(yaml.load_all(text, Loader=yaml.CSafeLoader))
    return list(documents[0]["objects"]) if len(documents) == 1 and "objects" in documents[0] else documents


def _require_same(name: str, made: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    """Raise SystemExit if a peer made other objects. Helm orders them by kind, and Jsonnet their keys by name."""
    differing = Counter(map(_canonical, made))
    differing.subtract(map(_canonical, wanted))
    different = sorted({_name(text) for text, count in differing.items() if count})
    if different:
        counts = f"{len(made)} objects, expected {len(wanted)}"
        raise SystemExit(f"{name} made {counts}; {len(different)} differ, for example {different[0]}")


def _name(text: str) -> str:
    tree = json.loads(text)
    return f"{tree['kind']} {tree['metadata']['name']}"


def _canonical(tree: object) -> str:
    return json.dumps(tree, sort_keys=True)
