"""Verify a commit's rendered tree: it is what the specs give, and kustomize builds the expected objects from it.

Everything is read from Git, so any commit can be verified, whatever the work tree holds.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from generator import __version__
from generator.core.errors import OutOfDateError, RefusedError
from generator.core.finding import sort_findings
from generator.core.programs.kustomize import KustomizeError, build, exact
from generator.pipeline.expected import expected_builds, expected_platform_builds
from generator.render.files import ROOT as RENDERED
from generator.render.objects import ObjectRenderer
from generator.repo.deliverer_files import is_read_by_deliverers, report_deliverer_files
from generator.repo.git import objects as gitobjects
from generator.repo.git.commit_tree import export, temporary_tree
from generator.repo.git.deviations import FOLDERS, Expected, find_deviations
from generator.repo.path_conflicts import TEMPLATES, revision_conflicts
from generator.repo.recorded_version import recorded_version
from generator.repo.repository import Repository
from generator.repo.state import STATE
from generator.repo.tracked_paths import report_tracked_state
from generator.spec.files import ROOT as SPECS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from generator.core.finding import Finding
    from generator.core.programs.git import Git
    from generator.fleet.model import ServiceEntry
    from generator.pipeline.plan import Plan, Progress
    from generator.render.engine.shapes import Tree
    from generator.repo.git.deviations import Deviation
    from generator.repo.git.objects import TreeEntry

_SHOWN: Final = 20


class VerifyResult(Struct, frozen=True):
    """What was verified: the number of files, of folders that kustomize built, and of objects in these folders."""

    files: int
    folders: int
    objects: int


def verify(git: Git, commit: str, *, kustomize: Path | None, progress: Progress | None = None) -> VerifyResult:
    """Verify the commit; `kustomize` is None if nothing is to be built.

    Raises RefusedError if its specs have errors, and OutOfDateError with the differences.
    """
    specs = gitobjects.specs(git, commit)
    files = gitobjects.entries(git, commit, SPECS, TEMPLATES, RENDERED, STATE)
    conflicts = [*revision_conflicts(files), *report_tracked_state(files), *_delivered(git, files)]
    with temporary_tree(git, commit) as root:
        repository = Repository.at(root, specs)
        plan = _planned(repository, commit, progress, conflicts)
        deviations = _deviations(git, commit, specs, plan)
        hint = _hint(git, commit, deviations)
        _refuse([*map(_line, deviations)], commit, "its specs render to other content", hint)
        if kustomize is None:
            return VerifyResult(len(plan.files), 0, 0)
        export(root, {path: text.encode() for path, text in plan.files.items()})
        folders, objects, wrong = _built(repository, plan, kustomize)
    _refuse(wrong, commit, "kustomize builds other objects from it", "this is a bug in servegen; please report it")
    return VerifyResult(len(plan.files), folders, objects)


def _delivered(git: Git, entries: Mapping[str, TreeEntry]) -> list[Finding]:
    """Return the findings about files of a revision that only a delivery tool reads."""
    paths = [path for path in entries if path.startswith(f"{RENDERED}/") and is_read_by_deliverers(path)]
    held = gitobjects.regular_contents(git, {path: entries[path] for path in paths})
    return report_deliverer_files(paths, lambda path: held.get(path, b""))


def _deviations(git: Git, commit: str, specs: Mapping[str, bytes], plan: Plan) -> list[Deviation]:
    entries = gitobjects.entries(git, commit, *FOLDERS)
    return find_deviations(git, entries, Expected(specs, plan.files))


def _line(deviation: Deviation) -> str:
    if deviation.entry is None:
        word = "missing"
    elif deviation.other_mode:
        word = f"mode {deviation.entry.mode}"
    else:
        word = "differs" if deviation.expected else "not rendered"
    return f"{word:12}  {deviation.path}"


def _refuse(lines: list[str], commit: str, why: str, hint: str) -> None:
    if lines:
        more = [f"… and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
        listed = "".join(f"\n  {line}" for line in [*lines[:_SHOWN], *more])
        raise OutOfDateError(f"rendered/ of {commit[:9]} is wrong: {why}{listed}", hint=hint)


def _hint(git: Git, commit: str, deviations: Sequence[Deviation]) -> str:
    """Return how to fix a tree that is out of date; another version of servegen may have written it."""
    if deviations and all(deviation.other_mode for deviation in deviations):
        paths = " ".join(deviation.path for deviation in deviations)
        return f"chmod -x {paths} && git update-index --chmod=-x {paths}"
    wrote = recorded_version(git, commit)
    if wrote not in ("", __version__):
        return f"servegen {wrote} wrote it, but this is {__version__}: verify it with that version"
    return "run `servegen render` and commit"


def _planned(repository: Repository, commit: str, progress: Progress | None, conflicts: Sequence[Finding]) -> Plan:
    try:
        plan = repository.plan(progress=progress)
        found = sort_findings([*plan.findings, *conflicts])
        return replace(plan, findings=tuple(found)).require_no_errors(repository.specs)
    except RefusedError as refused:
        found = sort_findings([*refused.findings, *conflicts])
        raise RefusedError(found, repository.specs, f"the specs of {commit[:9]} have errors") from None


def _built(repository: Repository, plan: Plan, kustomize: Path) -> tuple[int, int, list[str]]:
    """Return the number of folders built, the number of objects in them, and the names of objects that differ."""
    root, fleet, routing = repository.root, plan.fleet, plan.routing
    objects, rendering = ObjectRenderer(repository.templates), Lock()

    def app(services: list[ServiceEntry]) -> list[tuple[int, list[str]]]:
        with rendering:  # a renderer keeps state about the app that it renders, so only one app at a time
            folders = expected_builds(fleet, routing, objects, services)
        return [_folder(root, *it, kustomize) for it in folders.items()]

    platform = [_folder(root, *it, kustomize) for it in expected_platform_builds(fleet, objects).items()]
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # the threads mostly wait for kustomize
        results = [*platform, *chain.from_iterable(threads.map(app, fleet.apps().values()))]
    return len(results), sum(count for count, _ in results), [line for _, lines in results for line in lines]


def _folder(root: Path, folder: str, trees: list[Tree], kustomize: Path) -> tuple[int, list[str]]:
    try:
        made = _named(build(root / folder, kustomize))
    except KustomizeError as error:
        return 0, [f"{folder}: {error}"]
    meant = _named(trees)
    wrong = [name for name in sorted({*made, *meant}) if made.get(name) != meant.get(name)]
    return len(meant), [f"{folder}: {name}" for name in wrong]


def _named(trees: list[Tree]) -> dict[str, object]:
    return {_name(tree): exact(tree) for tree in trees}


def _name(tree: Tree) -> str:
    metadata = tree["metadata"]
    return "/".join([tree["apiVersion"], tree["kind"], metadata.get("namespace", ""), metadata["name"]])
