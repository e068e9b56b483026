"""`servegen list`"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from generator.cli.common import command as new_command
from generator.cli.common import library, show, stop_on_errors

if TYPE_CHECKING:
    from generator.cli.main import Invocation
    from generator.fleet import Deployed, Fleet
    from generator.plan import Plan
    from generator.traffic import Traffic


@new_command("list")
@click.argument("what", type=click.Choice(["services", "models"]))
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def command(invocation: Invocation, *, what: str, output: str) -> None:
    """List the services with their hosts and states, or the models with their versions.

    \b
    Examples:
      servegen list services
      servegen list models --output json
    """
    from generator import worktree
    from generator.plan import resolved

    root = worktree.find_root(invocation.folder)
    specs = worktree.read_specs(root)
    plan: Plan = resolved(specs, library(root))
    if plan.fleet is None or plan.traffic is None:
        show(plan, specs, "text")
        stop_on_errors(plan)
        return
    rows = _services(plan.fleet, plan.traffic) if what == "services" else _models(plan.fleet)
    click.echo(json.dumps(rows, ensure_ascii=False, indent=2) if output == "json" else _table(rows))
    show(plan, specs, "text")
    stop_on_errors(plan)


def _services(fleet: Fleet, traffic: Traffic) -> list[dict[str, Any]]:
    from generator.traffic import host

    rows = []
    for service in fleet.services:
        entries = [entries[service.key] for entries in fleet.deployed.values() if service.key in entries]
        about = {"service": service.name, "app": f"{service.project}/{service.app}", "type": service.spec.type}
        for deployed in entries:
            rows.append(
                {
                    **about,
                    "environment": deployed.place.name,
                    "state": str(traffic.state(deployed)),
                    "host": host(deployed),
                    "address": _addresses(deployed) if traffic.runs(deployed) else [],
                    "reason": traffic.reason(deployed) or None,
                }
            )
        if not entries:
            rows.append(
                {**about, "environment": None, "state": "not deployed", "host": None, "address": [], "reason": None}
            )
    return rows


def _addresses(deployed: Deployed) -> list[str]:
    """Where people reach the service beside its host."""
    from generator.external import external, shown

    given = external(deployed)
    return shown(given) if given is not None else []


def _models(fleet: Fleet) -> list[dict[str, Any]]:
    return [
        {
            "model": model.name,
            "project": model.project,
            "version": version,
            "framework": facts.framework or "-",
            "api": facts.api or "-",
            "metrics": _metrics(facts.metrics),
        }
        for model in fleet.models.values()
        for version, facts in model.spec.versions.items()
    ]


def _metrics(metrics: str | dict[str, str] | None) -> str:
    if isinstance(metrics, dict):
        return ",".join(f"{name}={value}" for name, value in metrics.items())
    return metrics or "-"


def _table(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "nothing yet"
    table = [[name.upper() for name in rows[0]], *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return "\n".join("  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip() for row in table)


def _cell(value: Any) -> str:
    return ",".join(value) if isinstance(value, list) and value else str(value or "-")
