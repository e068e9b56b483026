"""Fleets with random mistakes: each gives findings that help, in time, and never an exception.

`make mutants` tries 6,000 of them.
"""

from __future__ import annotations

import os
from collections import Counter
from random import Random
from typing import Final

import pytest

from generator.core.errors import RefusedError
from generator.core.finding import Finding, Severity
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import plan
from generator.pipeline.validators import embedded_validator
from generator.repo.repository import schemas_of
from generator.report import text as text_report
from tests.conftest import ROOT
from tests.support.limited import renew, run
from tests.support.mutants import Files, mutant, originals

COUNT: Final = int(os.environ.get("SERVEGEN_MUTANTS", "36"))
"""How many fleets are tried, in this many parts:"""
PARTS: Final = 3
CPU_SECONDS: Final = 2
MEGABYTES: Final = 1000


@pytest.mark.parametrize("part", range(PARTS))
def test_a_fleet_with_mistakes_gets_findings_that_help(part: int) -> None:
    fleets, loader, validate = originals(), TemplateLoader((templates_root(),)), embedded_validator(schemas_of(ROOT))

    def judge(number: int) -> tuple[int, list[str]]:
        """Return how many findings a fleet has, and what is wrong with them."""
        base = fleets[number % len(fleets)]
        files = mutant(base, Random(number))
        renew(CPU_SECONDS)
        try:
            found = plan(files, loader, validate=validate, base=base, trusted=True).findings
        except RefusedError as refused:
            found = tuple(refused.findings)
        except Exception as error:
            return 0, [f"fleet {number}: {type(error).__name__}: {error}"]
        return len(found), [f"fleet {number}: {wrong}" for wrong in _unhelpful(found, files)]

    for number, base in enumerate(fleets if part == 0 else ()):
        errors = [finding for finding in plan(base, loader, validate=validate).findings if finding.severity == "error"]
        assert errors == [], number
    numbers = range(part, COUNT, PARTS)
    told = run(lambda: [judge(number) for number in numbers], megabytes=MEGABYTES, cpu_seconds=CPU_SECONDS)
    assert [wrong for _, wrongs in told for wrong in wrongs] == []
    # Most changes are mistakes: else the test would look at nothing.
    assert Counter(count > 0 for count, _ in told)[True] > len(numbers) / 2


def _unhelpful(found: tuple[Finding, ...], files: Files) -> list[str]:
    """Return what is wrong with findings: no position in a file, no hint, or a text that cannot be printed."""
    out = []
    for finding in found:
        place = finding.position
        if not place.file or place.line < 1 or place.column < 1:
            out.append(f"no position: {finding}")
        if place.file in files and place.line > files[place.file].count(b"\n") + files[place.file].count(b"\r") + 2:
            out.append(f"a line that the file does not have: {finding}")
        if not finding.message or (not finding.hint and finding.severity is not Severity.NOTE):
            out.append(f"no hint: {finding}")
    shown = text_report.report(found, files)
    if any(char < " " and char != "\n" for char in shown):
        out.append(f"control characters: {shown!r}")
    return out
