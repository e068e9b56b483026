"""The `servegen validate` command."""

from __future__ import annotations

import tempfile
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from msgspec.structs import replace

from generator.cli.common import command as new_command
from generator.cli.common import no_cache_option, output_option, progress, refusals_as, show_and_stop
from generator.cli.terminal import echo
from generator.core.errors import ToolError
from generator.core.finding import Finding, Position, Severity, sort_findings
from generator.core.programs import explain_absence, find
from generator.core.programs.fitness import UnfitProgramError, require_fit
from generator.core.programs.go_programs import install_hint
from generator.pipeline.validators import KubeconformRun
from generator.repo.cache.memory import app_memory
from generator.repo.git.checkout import prefix
from generator.repo.repository import Repository
from generator.repo.trusted_base import trusted_base
from generator.report.capacity import summary
from generator.schemas.engines import ENGINES
from generator.schemas.kubeconform import probe
from generator.spec.files import PLATFORM

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from generator.cli.main import Invocation
    from generator.pipeline.plan import Plan, Progress
    from generator.repo.trusted_base import TrustedBase

# Printed if there are no findings: an object that cannot be validated is a finding too, so none was skipped.
_ALL_VALID: Final = "objects valid, 0 invalid, 0 errors, 0 skipped"
_EMBEDDED_ONLY: Final = f"so only the embedded engine ran ({install_hint('kubeconform')})"


@new_command("validate")
@click.option(
    "--engine",
    type=click.Choice([*ENGINES, "both"]),
    default="both",
    show_default=True,
    help="The schema engine that validates the objects. `both` uses kubeconform if it is installed and works.",
)
@click.option(
    "--base",
    metavar="REV",
    help="The base revision of the change: its templates and grants decide, and a release stamp that is new since then "
    "must win its host.",
)
@output_option
@no_cache_option
@click.pass_obj
def command(invocation: Invocation, *, engine: str, base: str | None, output: str) -> None:
    """Check the specs, the fleet, and every rendered object against its schema. Writes nothing.

    \b
    Examples:
      servegen validate
      servegen validate --engine kubeconform --output sarif
      servegen validate --base origin/main          what CI runs on a pull request
    """
    repository = Repository.open(invocation.folder)
    folder = prefix(repository.root)
    program = find("kubeconform") if engine != "embedded" else None
    kubeconform = _kubeconform(program, engine)
    with _trusted(repository.root, base) as before, refusals_as(output, folder):
        judged = replace(repository, extensions=before.folder) if before is not None else repository
        plan, lines = _validated(judged, before, kubeconform)
    if output == "text" and (waived := sum(finding.severity is Severity.WAIVED for finding in plan.findings)):
        echo(f"{waived} {'findings are' if waived > 1 else 'finding is'} waived: see `servegen list waivers`")
    alone = [_one_engine(program)] if engine == "both" and kubeconform is None and output != "text" else []
    capacity = summary(plan.fleet, plan.capacity)
    alone += [Finding("R07", capacity, Position(PLATFORM), "", Severity.NOTE)] if capacity and output == "json" else []
    show_and_stop([*plan.findings, *alone], repository.specs, output, folder)
    if output == "text":
        missing = (
            [f"{explain_absence('kubeconform')}, {_EMBEDDED_ONLY}"] if engine == "both" and program is None else []
        )
        last = [capacity] if capacity else []
        echo("\n".join([f"embedded: {plan.objects} {_ALL_VALID}", *lines, *missing, *last]))


def _kubeconform(program: Path | None, engine: str) -> Path | None:
    """Return the program if it works as kubeconform, None if it does not or is missing.

    Raises ToolError in these two cases if --engine kubeconform is given.
    """
    if program is None and engine == "kubeconform":
        raise ToolError(explain_absence("kubeconform"), hint=install_hint("kubeconform"))
    if program is None:
        return None
    try:
        require_fit("kubeconform", program, probe)
    except UnfitProgramError as error:
        if engine == "kubeconform":
            raise
        echo(f"servegen: {error}; {_EMBEDDED_ONLY}", err=True)
        return None
    return program


def _one_engine(program: Path | None) -> Finding:
    """Return the warning that reports which no user reads as text have, too."""
    why = explain_absence("kubeconform") if program is None else f"{program} does not work as kubeconform"
    message = f"only the embedded engine validated the objects: {why}"
    hint = f"{install_hint('kubeconform')}; or choose `--engine embedded`"
    return Finding("F18", message, Position(PLATFORM), hint, Severity.WARNING)


def _trusted(root: Path, base: str | None) -> AbstractContextManager[TrustedBase | None]:
    return trusted_base(root, base) if base is not None else nullcontext()


def _validated(repository: Repository, base: TrustedBase | None, kubeconform: Path | None) -> tuple[Plan, list[str]]:
    """Return the plan with the findings of both engines, and one line per Kubernetes version kubeconform checked."""
    with tempfile.TemporaryDirectory(prefix="servegen-") as folder, progress() as report_progress:
        run = _run(repository, Path(folder), kubeconform) if kubeconform is not None else None
        plan = _planned(repository, base, run, report_progress)
        findings = run.validate(plan.resolved, repository.templates) if run is not None else []
    counts = sorted(plan.versions.items()) if run is not None else []
    lines = [f"kubeconform: {count} {_ALL_VALID}, Kubernetes {minor}" for minor, count in counts]
    return replace(plan, findings=tuple(sort_findings([*plan.findings, *findings]))), lines


def _run(repository: Repository, folder: Path, kubeconform: Path) -> KubeconformRun:
    memory = app_memory(repository.templates, kubeconform)
    return KubeconformRun(folder, kubeconform, repository.schemas, memory)


def _planned(
    repository: Repository, base: TrustedBase | None, run: KubeconformRun | None, progress: Progress | None
) -> Plan:
    plan_worktree = partial(repository.plan_worktree, progress=progress, thorough=True)
    if run is not None:
        plan_worktree = partial(plan_worktree, validate=run.before(repository.validator), memory=run.memory)
    if base is None:
        return plan_worktree()
    plan = plan_worktree(base=base.specs, since=base.revision, trusted=True)
    findings = [*base.name_owners(plan.findings), *base.findings]
    return replace(plan, findings=tuple(sort_findings(findings)))
