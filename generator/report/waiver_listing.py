"""The output of `servegen list waivers`: rows for programs, and table cells for users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.waivers.permission import refuse
from generator.report.conceal import conceal_text
from generator.spec.files import ROOT
from generator.spec.waivers import FolderWaiver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.core.finding import Finding
    from generator.fleet.waivers import PlacedWaiver
    from generator.pipeline.plan import Plan

    Row = dict[str, Any]

HEADS: Final = ("CHECK", "WAIVER", "AT", "WHERE", "UNTIL", "STATE", "FINDINGS", "REASON")


def waiver_rows(plan: Plan, sources: Mapping[str, bytes], *, project: str | None = None) -> list[Row]:
    """Return a row for each waiver, with the findings that it waives; of one project's files, if it is given.

    `sources` are the specs, whose secrets no row shows. The state is `used`, `unused`, `expired` or `refused`.
    """
    placed = sorted(plan.resolved.waivers.waivers, key=lambda one: one.position)
    chosen = [one for one in placed if project is None or one.position.file.startswith(f"{ROOT}/{project}/")]
    return [_row(one, plan, sources) for one in chosen]


def waiver_cells(row: Row) -> list[str]:
    """Return one line of the table, in the order of HEADS."""
    place = f"{row['file']}:{row['line']}"
    texts = (row["at"] or "", ",".join(row["where"]), row["until"] or "", row["state"], str(len(row["findings"])))
    return [row["check"], place, *texts, row["reason"]]


def _row(placed: PlacedWaiver, plan: Plan, sources: Mapping[str, bytes]) -> Row:
    waiver, place = placed.waiver, placed.position
    findings = [f for f in plan.findings if f.accepted is not None and f.accepted.position == place]
    return {
        "check": conceal_text(waiver.check, place.file, sources),
        "file": place.file,
        "line": place.line,
        "at": conceal_text(waiver.at, place.file, sources) if waiver.at is not None else None,
        "where": list(waiver.where or ()) if isinstance(waiver, FolderWaiver) else [],
        "until": str(waiver.until) if waiver.until is not None else None,
        "reason": conceal_text(waiver.reason, place.file, sources),
        "state": _state(placed, findings, plan),
        "findings": [{"file": one.position.file, "line": one.position.line} for one in findings],
    }


def _state(placed: PlacedWaiver, findings: list[Finding], plan: Plan) -> str:
    if refuse(placed.waiver.check, is_platforms=placed.is_platforms):
        return "refused"
    if placed.is_over(plan.resolved.waivers.today):
        return "expired"
    return "used" if findings else "unused"
