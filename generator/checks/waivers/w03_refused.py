"""W03: a waiver must name a check that it may waive.

A waiver accepts warnings about the file that has it, or about the files of its folder. Of errors it accepts only L01,
secrets in clear text, and C24, images whose tag can change its meaning, because only people know what is public and
what is meant to change. Findings about files, keys, templates, YAML and schemas (F, K, T, Y, V) say that something does
not work. Grants (A01 to A15) and Pod Security (Q01, Q06) protect others than the project, so only the platform file can
waive these: what no grant allows, it cannot waive either.

Passes, in a project:

    waivers:
      - {check: L01, reason: "the key of the public demo", at: env.DEMO_KEY}

Fails, because a project cannot free itself of grants:

    waivers:
      - {check: A02, reason: "our host"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.files import file_checks
from generator.checks.fleet import fleet_checks
from generator.checks.grants import grant_checks
from generator.checks.objects import object_checks
from generator.checks.waivers.permission import refuse
from generator.core.finding import Finding, Severity
from generator.spec.values.invalid_value import quote
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.files import FileCheck
    from generator.checks.fleet import Check
    from generator.checks.grants import GrantCheck
    from generator.checks.objects import ObjectCheck
    from generator.checks.waivers import WaiverContext
    from generator.core.finding import Position
    from generator.fleet.waivers import PlacedWaiver

ID: Final = "W03"
SEVERITY: Final = Severity.ERROR
_EXPECTED: Final = "expected the id of a check with warnings, L01 or C24"


def check(context: WaiverContext) -> Iterator[Finding]:
    """Yield an error for each waiver of an unknown check, or of one that its file may not waive."""
    known = _ids()
    used = context.in_use()
    for placed in context.waivers:
        id = placed.waiver.check
        if not placed.is_stated:
            continue
        if reason := refuse(id, is_platforms=placed.is_platforms):
            yield _finding(placed, f"found a waiver of {id}, {reason}", "remove it, and fix the finding")
        elif id not in known:
            hint = closest(id, known) or "a finding ends with its id, such as [C24]"
            yield _finding(placed, f"found a waiver of {quote(id)}, {_EXPECTED}", hint)
        elif placed.position not in used:
            yield from _of_errors(placed, context)


def _ids() -> set[str]:
    checks: tuple[FileCheck | Check | GrantCheck | ObjectCheck, ...]
    checks = (*file_checks(), *fleet_checks(), *grant_checks(), *object_checks())
    return {check.ID for check in checks}


def _of_errors(placed: PlacedWaiver, context: WaiverContext) -> Iterator[Finding]:
    """Yield a finding for a waiver in force that is for errors only."""
    errors = context.unacceptable(placed) if not placed.is_over(context.today) else []
    if errors:
        message = f"found a waiver of errors of {placed.waiver.check}, which a waiver cannot accept, {_EXPECTED}"
        yield _finding(placed, message, "remove it, and fix the finding", errors[0].position)


def _finding(placed: PlacedWaiver, message: str, hint: str, *also: Position) -> Finding:
    return Finding(ID, message, placed.position, hint, SEVERITY, also=also)
