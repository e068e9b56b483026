"""Which of the fields that take part in a fault a patch of the spec has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.api.rules import ONE_OF

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.checks.api.refusal import Refusal
    from generator.render.engine.shapes import SlotPath


def find_patched_path(refusal: Refusal, patched: tuple[SlotPath, ...]) -> SlotPath:
    """Return the first field of a refusal that a patch changed; of a choice, also a changed field beside it."""
    above = refusal.path[:-1]
    beside = (changed for changed in patched if refusal.id == ONE_OF and changed[: len(above)] == above)
    return find_first_change((refusal.path, *refusal.also), patched) or next(beside, refusal.path)


def find_first_change(paths: Iterable[SlotPath], patched: tuple[SlotPath, ...]) -> SlotPath | None:
    """Return the first of some fields that a patch changed, or None."""
    for path in paths:
        if any(path[: len(changed)] == changed or changed[: len(path)] == path for changed in patched):
            return path
    return None
