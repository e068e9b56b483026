"""Checks of rendered objects, from any template or patch: one module each, with `ID`, `KINDS` and `violations`.

They cover what schemas cannot express. A module's docstring is its manual page, with an object that passes and one that
fails. A module is found automatically if its name starts with an id.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from generator.checks.family import import_checks
from generator.core.loose_values import without_nulls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.objects.violation import Violation
    from generator.fleet.model import EnvironmentContext


class ObjectCheck(Protocol):
    """The interface of an object check. `KINDS` are the kinds of objects that it examines."""

    ID: str
    KINDS: frozenset[str]

    def violations(self, tree: Mapping[str, Any], environment: EnvironmentContext, /) -> Iterator[Violation]:
        """Yield the violations in an object that an environment gets."""


@cache
def object_checks() -> tuple[ObjectCheck, ...]:
    """Return the checks, which are imported with the first call."""
    return import_checks(__name__, __path__)


@cache
def _by_kind() -> Mapping[str, tuple[ObjectCheck, ...]]:
    checks = object_checks()
    kinds = frozenset().union(*(check.KINDS for check in checks))
    return {kind: tuple(check for check in checks if kind in check.KINDS) for kind in kinds}


def check_object(tree: Mapping[str, Any], environment: EnvironmentContext) -> Iterator[tuple[str, Violation]]:
    """Yield all violations in an object that an environment gets, each with the id of its check."""
    tree = without_nulls(tree)
    for check in _by_kind().get(tree["kind"], ()):
        for violation in check.violations(tree, environment):
            yield check.ID, violation
