"""The result of an object check; the runner adds the check's id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from generator.core.finding import Severity

if TYPE_CHECKING:
    from generator.render.engine.shapes import SlotPath


class Violation(Struct, frozen=True):
    """A property of an object that its schema allows and that would harm a cluster.

    `path` is its path in the object, empty if it concerns the whole object. `also` are the paths of other fields that
    take part: the violation may have come with any of them.
    """

    message: str
    hint: str
    path: SlotPath = ()
    severity: Severity = Severity.ERROR
    also: tuple[SlotPath, ...] = ()
