"""What a check of objects reports; the runner adds the check's id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.core.finding import Severity

if TYPE_CHECKING:
    from generator.render.engine.shapes import SlotPath


@dataclass(frozen=True, slots=True)
class Violation:
    """Something in an object that its schema allows and a cluster would suffer from.

    `path` is where in the object, empty where it is about the whole.
    """

    message: str
    hint: str
    path: SlotPath = ()
    severity: Severity = Severity.ERROR
