"""Checks of what the objects of a project use against what the platform file grants: one module each.

A module has `ID`, `KINDS` and `needs`. The objects are judged as a cluster gets them, so that a patch, the defaults of
a model version or a template cannot get round a check. A module's docstring is its manual page, with a snippet that
passes and one that fails. A module is found automatically if its name starts with an id.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

from generator.checks.family import import_checks

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


@cache
def grant_checks() -> tuple[GrantCheck, ...]:
    """Return the checks, which are imported with the first call."""
    return import_checks(__name__, __path__)


@cache
def _by_kind() -> Mapping[str, tuple[GrantCheck, ...]]:
    checks = grant_checks()
    kinds = frozenset().union(*(check.KINDS for check in checks))
    return {kind: tuple(check for check in checks if kind in check.KINDS) for kind in kinds}


def check_grants(subject: ProjectObject) -> Iterator[tuple[str, Need]]:
    """Yield everything that an object uses without a grant, each with the id of its check."""
    for check in _by_kind().get(subject.tree["kind"], ()):
        for need in check.needs(subject):
            yield check.ID, need
