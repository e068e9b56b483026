"""The smallest free id of a port series, in a repository in which every spec can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.core.errors import UsageError
from generator.fleet.ports import free_id

if TYPE_CHECKING:
    from generator.repo.repository import Repository
    from generator.spec.external import SeriesName


def next_free_id(repository: Repository, series: SeriesName) -> int:
    """Return the smallest free id of the series.

    Raises RefusedError if a spec has an error, because a spec that cannot be read may use any id, and UsageError if no
    id is free.
    """
    id = free_id(repository.require_no_errors().fleet, series)
    if id is None:
        hint = f"remove `id` from services that need no address, or change `external.ports.{series}` of the clusters"
        raise UsageError(f"no free id of the series {series} has ports that every cluster can use", hint=hint)
    return id
