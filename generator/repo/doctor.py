"""Collect what `servegen doctor` reports: programs, commit hook, own templates, cache, and queries for the clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.errors import RefusedError, ToolError, UsageError
from generator.core.paths import templates_root
from generator.core.programs import find, kustomize_probe, run
from generator.core.programs.control import explain_refusal
from generator.edit.grants import grants_block
from generator.pipeline.grants import missing_grants
from generator.render.delivery import cluster_queries
from generator.render.delivery.leftovers import find_leftovers
from generator.render.objects import ObjectRenderer
from generator.repo.cache.status import cache_status
from generator.repo.commit_hook import activation, find_hook
from generator.repo.doctor_report import DoctorReport, ProgramStatus
from generator.repo.repository import Repository
from generator.repo.template_overrides import overrides
from generator.schemas import kubeconform

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from generator.render.delivery.cluster_query import ClusterQuery

_TIMEOUT_SECONDS: Final = 20


class _Program(Struct, frozen=True):
    """A program: the arguments that print its version, what does not work without it, and its probe if it has one."""

    arguments: tuple[str, ...]
    without: str
    probe: Callable[[Path], None] | None = None


_PROGRAMS: Final = {
    "git": _Program(("--version",), "commit, verify, hydrate, retire, --push and --base do not work"),
    "kustomize": _Program(("version",), "verify works only with --no-build", kustomize_probe.probe),
    "kubeconform": _Program(("-v",), "only the embedded engine checks objects", kubeconform.probe),
}


def examine(root: Path) -> DoctorReport:
    """Collect the whole report about the repository at `root`."""
    programs = [_program(name) for name in _PROGRAMS]
    asked, unasked = _questions(root)
    hook = find_hook(root) if programs[0].version is not None else "unknown"
    own, shipped = root / "templates", templates_root()
    found = [] if own.resolve() == shipped.resolve() else overrides(_texts(own), _texts(shipped))
    inactive = activation(root) if hook == "inactive" else ""
    return DoctorReport(programs, hook, found, asked, cache_status(), unasked, inactive)


def grants(root: Path) -> str:
    """Return the `grants` that the platform file needs for what the projects use now, as a block of YAML.

    Raises RefusedError if the specs give no fleet.
    """
    plan = Repository.open(root).plan(validate=lambda minor, manifests: [])  # noqa: ARG005  # the names of its type
    return grants_block(plan.fleet.platform, missing_grants(plan.ungranted))


def _program(name: str) -> ProgramStatus:
    program, path = _PROGRAMS[name], find(name)
    if path is None:
        return ProgramStatus(name, None, None, explain_refusal(name) or "missing", program.without)
    try:
        version = run([str(path), *program.arguments], timeout=_TIMEOUT_SECONDS).stdout.strip()
        if program.probe is not None:
            program.probe(path)
    except ToolError as error:
        problem = " ".join(str(error).split()).rstrip(":")
        return ProgramStatus(name, str(path), None, problem, program.without)
    return ProgramStatus(name, str(path), version, "", program.without)


def _texts(folder: Path) -> dict[str, str]:
    """Return the text of all files below a folder that are no links, by path. Raises ToolError if it cannot be read."""
    entries = [] if folder.is_symlink() else folder.rglob("*")
    paths = (path for path in entries if path.is_file() and not path.is_symlink())
    try:
        return {path.relative_to(folder).as_posix(): path.read_text("utf-8", "replace") for path in paths}
    except OSError as error:
        raise ToolError(f"cannot read {error.filename}: {error.strerror}") from error


def _questions(root: Path) -> tuple[list[ClusterQuery], str]:
    """Return the queries for the clusters, and why they are missing or incomplete (empty if they are complete)."""
    try:
        repository = Repository.open(root)
        fleet = repository.fleet
    except RefusedError:
        return [], "the platform file has errors; `servegen validate` reports them"
    except UsageError as error:
        return [], str(error)
    warning = "the specs have errors, so apps may be missing here; `servegen validate` reports them"
    if repository.resolved.has_errors:  # what a spec with errors has on a cluster is not left behind
        return cluster_queries(fleet, ObjectRenderer(repository.templates)), warning
    return [*cluster_queries(fleet, ObjectRenderer(repository.templates)), *find_leftovers(fleet)], ""
