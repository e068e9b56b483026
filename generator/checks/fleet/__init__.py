"""Checks on the resolved fleet: one module each, with `ID`, `SEVERITY` and `check(review)`.

The module's docstring is its manual page, with a snippet that passes and one that fails. A module whose name starts
with an id is found by itself. The runner adds id and severity, so that a check cannot mislabel itself.
"""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.checks.found import CheckContext, CheckFinding


class Check(Protocol):
    """What a check module offers."""

    ID: str
    SEVERITY: Severity

    def check(self, review: CheckContext) -> Iterator[CheckFinding]:
        """The findings."""


def _checks() -> Iterator[Any]:
    for module in pkgutil.iter_modules(__path__):
        if re.match(r"[a-z][0-9]{2}_", module.name):
            yield import_module(f"{__name__}.{module.name}")


CHECKS: Final[tuple[Check, ...]] = tuple(_checks())


def run(review: CheckContext, checks: Iterable[Check] = CHECKS) -> list[Finding]:
    """All findings of all checks. What holds in several environments is said once: the places are the same."""
    return [
        Finding(
            check.ID,
            found.message,
            found.position,
            found.hint,
            found.severity or check.SEVERITY,
            found.also,
            found.environments,
        )
        for check in checks
        for found in check.check(review)
    ]
