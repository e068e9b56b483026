"""Checks of the resolved fleet: one module each, with `ID`, `SEVERITY` and `check(context)`.

The module's docstring is its manual page, with a snippet that passes and one that fails. A module is found
automatically if its name starts with an id. `SUPERSEDES`, if a check defines it, holds the ids of findings that follow
from an error of this check and are not reported beside it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

from generator.checks.family import import_checks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.context import CheckContext
    from generator.core.finding import Finding, Severity


class Check(Protocol):
    """The interface of a check module. `SEVERITY` is the severity of its findings unless a finding sets another one."""

    ID: str
    SEVERITY: Severity

    def check(self, context: CheckContext) -> Iterator[Finding]:
        """Yield the findings."""


@cache
def fleet_checks() -> tuple[Check, ...]:
    """Return the checks, which are imported with the first call."""
    return import_checks(__name__, __path__)


@cache
def superseded_ids() -> Mapping[str, tuple[str, ...]]:
    """Return for each check that has `SUPERSEDES` the ids in it."""
    return {check.ID: check.SUPERSEDES for check in fleet_checks() if hasattr(check, "SUPERSEDES")}


def run_checks(context: CheckContext) -> list[Finding]:
    """Return the findings of all checks."""
    return [finding for check in fleet_checks() for finding in check.check(context)]
