"""`servegen validate`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli.common import command as new_command
from generator.cli.common import library, output_option, planned, show, stop_on_errors
from generator.problem import ordered

if TYPE_CHECKING:
    from pathlib import Path

    from generator.cli.main import Session
    from generator.plan import Plan
    from generator.render.app import TrueObject


@new_command("validate")
@click.option(
    "--engine",
    type=click.Choice(["embedded", "kubeconform", "both"]),
    default="both",
    show_default=True,
    help="Which schema engine judges the objects. `both` uses kubeconform where it is installed.",
)
@output_option
@click.pass_obj
def command(session: Session, *, engine: str, output: str) -> None:
    """Check the specs, the fleet, and every rendered object against its schema. Writes nothing.

    \b
    Examples:
      servegen validate
      servegen validate --engine kubeconform --output json
    """
    from generator import worktree

    root = worktree.find_root(session.folder)
    plan, sources = planned(root)
    lines = [f"embedded: {plan.objects} objects judged"]
    if engine != "embedded":
        lines += _kubeconform(root, plan, required=engine == "kubeconform")
    show(plan, sources, output)
    stop_on_errors(plan)
    if output == "text":
        click.echo("\n".join(lines))


def _kubeconform(root: Path, plan: Plan, *, required: bool) -> list[str]:
    from generator import tools
    from generator.errors import ToolError
    from generator.plan import finding_problem, truth
    from generator.render.objects import ObjectRenderer
    from generator.validation import kubeconform
    from generator.validation.catalogue import Catalogue

    binary = tools.find("kubeconform")
    if binary is None:
        if required:
            raise ToolError("kubeconform is not installed", hint="`make setup` installs it where Go is there")
        return ["kubeconform: not installed, so only the embedded engine judged (`make setup` installs it)"]
    if plan.fleet is None or plan.traffic is None:
        return []
    by_minor: dict[str, list[TrueObject]] = {}
    for entry in truth(plan.fleet, plan.traffic, library(root)):
        by_minor.setdefault(plan.fleet.places[entry.environment].facts.kubernetes, []).append(entry)
    lines, renderer = [], ObjectRenderer(library(root))
    for minor, entries in by_minor.items():
        findings = kubeconform.validate([entry.tree for entry in entries], Catalogue.open(minor, None), binary)
        plan.problems = ordered([*plan.problems, *(finding_problem(renderer, entries[f.index], f) for f in findings)])
        lines.append(f"kubeconform: {len(entries)} objects judged with the schemas of Kubernetes {minor}")
    return lines
