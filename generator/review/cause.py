"""The cause of a change: a line of a spec or of a template."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from generator.spec.files import PLATFORM

if TYPE_CHECKING:
    from generator.core.finding import Position
    from generator.review.spec_changes import SpecChange, TemplateChange


class CauseKind(StrEnum):
    """Where a change was made."""

    SPEC = "spec"
    DEFAULT = "layer default"
    MODEL = "model"
    PROJECT = "project"
    PLATFORM = "platform"
    TEMPLATE = "template"
    TOOL = "tool"


class Cause(NamedTuple):
    """A line that differs: its kind, its position, and its key; with `removed` the position is in the base.

    Of another version of servegen the key is `OLD to NEW`, and the position is the folder that it wrote.
    """

    kind: CauseKind
    position: Position
    key: str = ""
    removed: bool = False

    def __str__(self) -> str:
        if self.kind is CauseKind.TOOL:
            return f"servegen {self.key}, which renders this in another way"
        gone = " (removed; the line of the base)" if self.removed else ""
        return f"{self.position}{f' {self.key}' if self.key else ''}{gone}"


def cause_of_spec(change: SpecChange, below: tuple[str | int, ...] = ()) -> Cause:
    """Return a leaf of a spec as a cause; `below` leads to a part of it."""
    path = (*change.path, *below)
    return Cause(_kind(change, path), change.position(below), ".".join(map(str, path)), change.removed)


def cause_of_template(change: TemplateChange, word: str) -> Cause:
    """Return the line of a template with a word as a cause."""
    return Cause(CauseKind.TEMPLATE, change.position(word))


def _kind(change: SpecChange, path: tuple[str | int, ...]) -> CauseKind:
    file = change.document.file
    if "/models/" in file:
        return CauseKind.MODEL
    if file != PLATFORM and not file.endswith("/project.yaml"):
        return CauseKind.SPEC
    if "defaults" in path[:3:2]:
        return CauseKind.DEFAULT
    return CauseKind.PLATFORM if file == PLATFORM else CauseKind.PROJECT
