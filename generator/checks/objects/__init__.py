"""Checks of rendered objects, from any template or patch: one module each, with `ID`, `KINDS` and `violations`.

They cover what schemas cannot express. A module's docstring is its manual page, with an object that passes and one that
fails. A module is found automatically if its name starts with an id.
"""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol

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


def _checks() -> Iterator[Any]:
    for module in pkgutil.iter_modules(__path__):
        if re.match(r"[a-z][0-9]{2}_", module.name):
            yield import_module(f"{__name__}.{module.name}")


OBJECT_CHECKS: Final[tuple[ObjectCheck, ...]] = tuple(_checks())
_BY_KIND: Final[Mapping[str, tuple[ObjectCheck, ...]]] = {
    kind: tuple(check for check in OBJECT_CHECKS if kind in check.KINDS)
    for kind in frozenset().union(*(check.KINDS for check in OBJECT_CHECKS))
}


def check_object(tree: Mapping[str, Any], environment: EnvironmentContext) -> Iterator[tuple[str, Violation]]:
    """Yield all violations in an object that an environment gets, each with the id of its check."""
    for check in _BY_KIND.get(tree["kind"], ()):
        for violation in check.violations(tree, environment):
            yield check.ID, violation
