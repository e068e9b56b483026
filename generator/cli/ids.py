"""What the commands share that give ids away: they need every spec, and the smallest id that none of them has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.cli.common import loader, show, stop_on_errors
from generator.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.fleet.model import Fleet
    from generator.spec.external import SeriesName


def sound(root: Path, specs: Mapping[str, bytes]) -> Fleet:
    """The fleet, if nothing is wrong with it: a spec that cannot be read may hold any id. Ends the run otherwise."""
    from generator.core.finding import has_errors
    from generator.pipeline.plan import resolved

    plan = resolved(specs, loader(root))
    if has_errors(plan.findings):
        show(plan, specs, "text")
        stop_on_errors(plan)
    assert plan.fleet is not None
    return plan.fleet


def free_id(fleet: Fleet, series: SeriesName) -> int:
    """The smallest id of the series that is free. Raises UsageError when there is none."""
    from generator.fleet.ports import free_id

    id = free_id(fleet, series)
    if id is None:
        hint = f"take ids away from services that need no address, or change `external.ports.{series}` of the clusters"
        raise UsageError(f"no id of the series {series} is free with ports that every cluster can give", hint=hint)
    return id
