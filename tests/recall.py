"""`make recall`: how many defects of the corpus the checks find, and how many false positives they report.

A defect counts as found when each of its findings is reported, at its line and with its severity. Every other finding
of the check, in any of its cases, is a false positive. So is every finding about 1,000 clean services (clean.py).
Exits with 1 if a defect is missed or a finding is false.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import plan
from generator.pipeline.validators import embedded_validator
from generator.repo.repository import schemas_of
from generator.report import text
from tests.conftest import ROOT
from tests.support.clean import PER_FLEET, fleets
from tests.support.corpus import Case, cases, expected, run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.core.finding import Finding

CLEAN: Final = 1000
"""How many clean services are judged."""


@dataclass(slots=True)
class Count:
    """The numbers of one check over its cases."""

    id: str
    defects: int = 0
    found: int = 0
    near_misses: int = 0
    false_positives: int = 0

    def add(self, case: Case) -> None:
        """Count one more case."""
        wanted, got = set(expected(case).finds), set(run(case).finds)
        self.defects += bool(wanted)
        self.found += bool(wanted) and wanted <= got
        self.near_misses += not wanted
        self.false_positives += len(got - wanted)


def counts(all_cases: list[Case]) -> list[Count]:
    """Return one row for each check."""
    rows = []
    for id, group in groupby(all_cases, key=lambda case: case.id):
        row = Count(id)
        for case in group:
            row.add(case)
        rows.append(row)
    return rows


def table(rows: list[Count]) -> tuple[str, bool]:
    """Return the table with its totals, and whether every defect was found without a false positive."""
    total = Count(
        "all",
        *(sum(getattr(row, name) for row in rows) for name in ("defects", "found", "near_misses", "false_positives")),
    )
    lines = [f"{'check':<6}{'defects':>9}{'found':>7}{'near-misses':>13}{'false positives':>17}"]
    lines += [
        f"{row.id:<6}{row.defects:>9}{row.found:>7}{row.near_misses:>13}{row.false_positives:>17}"
        for row in (*rows, total)
    ]
    recall = 100 * total.found / total.defects if total.defects else 0.0
    lines.append(f"recall {recall:.1f} %, {total.false_positives} false positives")
    return "\n".join(lines) + "\n", total.found == total.defects and not total.false_positives


def false_alarms(repositories: Iterable[dict[str, bytes]]) -> list[tuple[Finding, dict[str, bytes]]]:
    """Return the findings about clean fleets, each with the files of its fleet."""
    loader, validate = TemplateLoader((templates_root(),)), embedded_validator(schemas_of(ROOT))
    return [(finding, files) for files in repositories for finding in plan(files, loader, validate=validate).findings]


def main() -> int:
    """Print both counts; return 1 if one of them is not perfect."""
    shown, perfect = table(counts(cases()))
    alarms = false_alarms(fleets(CLEAN // PER_FLEET))
    sys.stdout.write(shown + f"{CLEAN} clean services, {len(alarms)} findings\n")
    for finding, files in alarms:
        sys.stdout.write(text.block(finding, files) + "\n")
    return 0 if perfect and not alarms else 1


if __name__ == "__main__":
    sys.exit(main())
