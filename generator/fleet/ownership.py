"""Decide which of several services that name one host owns it: the newest release that may take the host over.

With `takeover: manual` a service runs with all its pods beside the owner of its host but gets no requests, until the
line is removed from its spec. This makes a takeover in two commits, for a cluster that does not prune after the routes,
or for users who want to look at the new pods first. The release stamps do not change, so removing the line alone
decides when the takeover happens. A `rollout` defers the takeover in the same way, until its last step removes it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.fleet.model import ServiceInstance

# A release stamp at most this far in the future is attributed to clocks that differ.
CLOCKS_DIFFER: Final = timedelta(minutes=5)
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def newest_first(claims: Iterable[ServiceInstance]) -> tuple[ServiceInstance, ...]:
    """Return the services that name one host, the newest release stamp first; those without a stamp are last."""
    return tuple(sorted(claims, key=lambda claimant: (claimant.released or _NEVER, claimant.service.key), reverse=True))


def owner_of(newest: Sequence[ServiceInstance]) -> ServiceInstance | None:
    """Return the newest release whose takeover is not deferred; a service without rivals always owns its host.

    None if all takeovers are deferred, a stamp is missing, or two stamps that matter are equal: the owner's and those
    of the waiting rivals (see `find_tie`).
    """
    if len(newest) == 1:
        return newest[0]
    owner = next((claimant for claimant in newest if not claimant.deferred), None)
    undated = any(claimant.released is None for claimant in newest)
    return None if owner is None or undated or find_tie(newest) is not None else owner


def find_tie(newest: Sequence[ServiceInstance]) -> tuple[ServiceInstance, ServiceInstance] | None:
    """Return the first two rivals with equal stamps, or None.

    The search ends at the newest service whose takeover is not deferred, since older ones are superseded in any case.
    """
    for first, second in pairwise(newest):
        if first.released == second.released:
            return first, second
        if not first.deferred:
            return None
    return None


def waits(claimant: ServiceInstance, owner: ServiceInstance) -> bool:
    """Whether `claimant` would own the host if its takeover were not deferred, that is, is newer than the owner."""
    released, by_now = claimant.released, owner.released
    return claimant.deferred and released is not None and by_now is not None and released > by_now
