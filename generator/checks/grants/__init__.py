"""Checks of what the objects of a project use against what the platform file grants: one module each.

A module has `ID`, `KINDS` and `needs`. The objects are judged as a cluster gets them, so that a patch, the defaults of
a model version or a template cannot get round a check. A module's docstring is its manual page, with a snippet that
passes and one that fails. A module is found automatically if its name starts with an id.
"""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.grants.need import Need
    from generator.checks.grants.project_object import ProjectObject


class GrantCheck(Protocol):
    """The interface of a check of grants. `KINDS` are the kinds of objects that it examines."""

    ID: str
    KINDS: frozenset[str]

    def needs(self, subject: ProjectObject, /) -> Iterator[Need]:
        """Yield what the object uses without a grant."""


def _checks() -> Iterator[Any]:
    for module in pkgutil.iter_modules(__path__):
        if re.match(r"[a-z][0-9]{2}_", module.name):
            yield import_module(f"{__name__}.{module.name}")


GRANT_CHECKS: Final[tuple[GrantCheck, ...]] = tuple(_checks())
_BY_KIND: Final[Mapping[str, tuple[GrantCheck, ...]]] = {
    kind: tuple(check for check in GRANT_CHECKS if kind in check.KINDS)
    for kind in frozenset().union(*(check.KINDS for check in GRANT_CHECKS))
}


def check_grants(subject: ProjectObject) -> Iterator[tuple[str, Need]]:
    """Yield everything that an object uses without a grant, each with the id of its check."""
    for check in _BY_KIND.get(subject.tree["kind"], ()):
        for need in check.needs(subject):
            yield check.ID, need
