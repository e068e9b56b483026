"""Checks on rendered objects, whatever template or patch they come from: one module each, with `ID` and `faults`.

They are for what schemas cannot say. A module's docstring is its manual page, with an object that passes and one that
fails; a module whose name starts with an id is found by itself.
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
    """What a check of objects offers. `KINDS` are those that it looks at."""

    ID: str
    KINDS: frozenset[str]

    def violations(self, tree: Mapping[str, Any], environment: EnvironmentContext, /) -> Iterator[Violation]:
        """What is wrong with an object that an environment gets."""


def _checks() -> Iterator[Any]:
    for module in pkgutil.iter_modules(__path__):
        if re.match(r"[a-z][0-9]{2}_", module.name):
            yield import_module(f"{__name__}.{module.name}")


OBJECT_CHECKS: Final[tuple[ObjectCheck, ...]] = tuple(_checks())


def check_object(tree: Mapping[str, Any], environment: EnvironmentContext) -> Iterator[tuple[str, Violation]]:
    """All that is wrong with an object that an environment gets, each with the id of its check."""
    for check in OBJECT_CHECKS:
        if tree["kind"] in check.KINDS:
            for violation in check.violations(tree, environment):
                yield check.ID, violation
