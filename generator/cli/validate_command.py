"""`servegen validate`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from generator.cli.common import command as new_command
from generator.cli.common import loader, opened, output_option, planned, show, stop_on_errors
from generator.core.finding import sort_findings

if TYPE_CHECKING:
    from pathlib import Path

    from generator.cli.main import Invocation
    from generator.pipeline.plan import Plan
    from generator.render.app import Manifest

# The engines of generator.schemas; a test holds the two together, so that the help needs no import of them.
ENGINES: Final = ("embedded", "kubeconform")
# Said when nothing was found: an object that could not be judged is a finding too, so none was skipped.
_ALL_VALID: Final = "objects valid, 0 invalid, 0 errors, 0 skipped"


@new_command("validate")
@click.option(
    "--engine",
    type=click.Choice([*ENGINES, "both"]),
    default="both",
    show_default=True,
    help="Which schema engine judges the objects. `both` uses kubeconform where it is installed.",
)
@click.option(
    "--base",
    metavar="REV",
    help="The Git revision that the change starts from: a release stamp that is new since then must win its host.",
)
@output_option
@click.pass_obj
def command(invocation: Invocation, *, engine: str, base: str | None, output: str) -> None:
    """Check the specs, the fleet, and every rendered object against its schema. Writes nothing.

    \b
    Examples:
      servegen validate
      servegen validate --engine kubeconform --output sarif
      servegen validate --base origin/main          what CI runs on a pull request
    """
    from generator.repo import worktree
    from generator.repo.git.checkout import prefix

    root = worktree.find_root(invocation.folder)
    plan, sources = planned(root, base=base)
    by_minor = _by_minor(root, plan)
    lines = [f"embedded: {plan.objects} {_ALL_VALID}"]
    if engine != "embedded":
        lines += _kubeconform(root, plan, by_minor, required=engine == "kubeconform")
    show(plan, sources, output, prefix(root))
    stop_on_errors(plan)
    if output == "text":
        click.echo("\n".join([*lines, *_unchecked(by_minor)]))


def _by_minor(root: Path, plan: Plan) -> dict[str, list[Manifest]]:
    """Every object of the fleet, by the Kubernetes minor version that will judge it; none where a template fails."""
    from generator.core.errors import RefusedError
    from generator.pipeline.plan import manifests

    out: dict[str, list[Manifest]] = {}
    if plan.fleet is None or plan.routing is None:
        return out
    try:
        for entry in manifests(plan.fleet, plan.routing, loader(root)):
            out.setdefault(plan.fleet.contexts[entry.environment].facts.kubernetes, []).append(entry)
    except RefusedError:  # the plan has these findings
        return {}
    return out


def _kubeconform(root: Path, plan: Plan, by_minor: dict[str, list[Manifest]], *, required: bool) -> list[str]:
    """Let kubeconform judge too, and add what it finds in objects that the embedded engine passed."""
    from generator.core import programs as tools
    from generator.core.errors import ToolError
    from generator.pipeline.app import schema_finding
    from generator.render.objects import ObjectRenderer
    from generator.schemas import embedded, kubeconform

    binary = tools.find("kubeconform", near=root)
    if binary is None:
        if required:
            raise ToolError("kubeconform is not installed", hint="`make setup` installs it where Go is there")
        return ["kubeconform: not installed, so only the embedded engine judged (`make setup` installs it)"]
    lines, renderer = [], ObjectRenderer(loader(root))
    for minor, entries in by_minor.items():
        trees, catalogue = [entry.tree for entry in entries], opened(root, minor)
        told = {finding.index for finding in embedded.validate(trees, catalogue)}
        findings = [f for f in kubeconform.validate(trees, catalogue, binary) if f.index not in told]
        plan.findings = sort_findings(
            [*plan.findings, *(schema_finding(renderer, entries[f.index], f) for f in findings)]
        )
        lines.append(f"kubeconform: {len(entries)} {_ALL_VALID}, Kubernetes {minor}")
    return lines


def _unchecked(by_minor: dict[str, list[Manifest]]) -> list[str]:
    """Rules that only an API server can check, by kind."""
    from generator.schemas.unchecked import unchecked_rules

    counts = unchecked_rules(entry.tree for entries in by_minor.values() for entry in entries)
    return [f"not checked: {count} rules of {kind} that are written in CEL" for kind, count in counts.items() if count]
