"""Checks on the resolved fleet: one module each, with `ID`, `SEVERITY` and `check(fleet)`.

The module's docstring is its manual page, with a snippet that passes and one that fails. The runner adds id and
severity, so that a check cannot mislabel itself, and honours waivers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from generator.checks import c15_model, c18_kubernetes, g01_card, n05_labels, n10_namespace, s01_range, s04_metric
from generator.problem import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.checks.found import Found
    from generator.fleet import Fleet


class Check(Protocol):
    """What a check module offers."""

    ID: str
    SEVERITY: Severity

    def check(self, fleet: Fleet) -> Iterator[Found]:
        """The findings."""


CHECKS: Final[tuple[Check, ...]] = (
    c15_model,
    c18_kubernetes,
    g01_card,
    n05_labels,
    n10_namespace,
    s01_range,
    s04_metric,
)


def run(fleet: Fleet, checks: Iterable[Check] = CHECKS) -> list[Problem]:
    """All findings of all checks. What holds in several environments is said once: the places are the same."""
    return [
        Problem(check.ID, found.message, found.position, found.hint, check.SEVERITY, found.also)
        for check in checks
        for found in check.check(fleet)
    ]
