"""What a check looks at, and what it reports; the runner makes a Problem of a finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from generator.core.finding import Position, Severity
    from generator.fleet.load import Specs
    from generator.fleet.model import Fleet, ServiceInstance
    from generator.fleet.routing import Routing


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What is judged: the fleet, its routes, the time of the run, and the specs of the base revision if one is given.

    A check that needs `now` or `base` finds nothing without it.
    """

    fleet: Fleet
    routing: Routing
    now: datetime | None = None
    base: Specs | None = None


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One finding: what was found and expected, where, and what to do. `severity` where it is not the check's own."""

    message: str
    position: Position
    hint: str = ""
    also: tuple[Position, ...] = ()
    severity: Severity | None = None
    environments: tuple[str, ...] = ()


def everywhere(fleet: Fleet) -> Iterator[ServiceInstance]:
    """Each service as its base and as each environment sees it."""
    yield from fleet.bases.values()
    yield from fleet.running()
