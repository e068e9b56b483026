"""Which of several services with one host owns it: the newest release that may take the host over.

`takeover: manual` lets a service run in full beside the owner of its host, without a request, until the line is taken
out of its spec: a takeover in two commits, for a cluster that does not prune after the routes, or for people who want
to look at the new pods first. Who is newest is known all the time, so the line alone decides when.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.fleet.model import ServiceInstance

# Up to this far ahead a stamp is taken for one of a clock that differs.
CLOCKS_DIFFER: Final = timedelta(minutes=5)
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def newest_first(claims: Iterable[ServiceInstance]) -> tuple[ServiceInstance, ...]:
    """The services that name one host, by their stamps."""
    return tuple(sorted(claims, key=lambda claimant: (claimant.released or _NEVER, claimant.service.key), reverse=True))


def owner_of(newest: Sequence[ServiceInstance]) -> ServiceInstance | None:
    """The newest release whose takeover is not manual; one that is alone owns its host whatever it says.

    None where nobody may own it, a stamp is missing, or stamps that matter are equal: the owner's, and those of the
    rivals that wait.
    """
    if len(newest) == 1:
        return newest[0]
    owner = next((claimant for claimant in newest if not claimant.manual), None)
    undated = any(claimant.released is None for claimant in newest)
    return None if owner is None or undated or find_tie(newest) is not None else owner


def find_tie(newest: Sequence[ServiceInstance]) -> tuple[ServiceInstance, ServiceInstance] | None:
    """The first two rivals of one stamp, down to the newest whose takeover is not manual: older ones lost anyway."""
    for first, second in pairwise(newest):
        if first.released == second.released:
            return first, second
        if not first.manual:
            return None
    return None


def waits(claimant: ServiceInstance, owner: ServiceInstance) -> bool:
    """Whether the rival would own the host without its `takeover: manual`; an older one lost to the owner."""
    released, by_now = claimant.released, owner.released
    return claimant.manual and released is not None and by_now is not None and released > by_now
