"""What a check reports; the runner makes a Problem of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet import Deployed, Fleet
    from generator.problem import Position


@dataclass(frozen=True, slots=True)
class Found:
    """One finding: what was found and expected, where, and what to do."""

    message: str
    position: Position
    hint: str = ""
    also: tuple[Position, ...] = ()


def everywhere(fleet: Fleet) -> Iterator[Deployed]:
    """Each service as its base and as each environment sees it."""
    yield from fleet.bases.values()
    yield from fleet.running()
