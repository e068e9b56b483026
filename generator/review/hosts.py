"""The hosts whose owner changes, and the environments that move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.review.model import HostChange, Move

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.review.causes import Causes
    from generator.review.side import Side

    Owner = tuple[str, str, str]


def moves(before: Side, after: Side) -> list[Move]:
    """Return the projects that leave their cluster or namespace in an environment, in the order of both."""
    out = []
    for environment, instances in before.fleet.instances.items():
        for project in dict.fromkeys(key[0] for key in instances):
            old, new = before.place(project, environment), after.place(project, environment)
            if old != new:
                out.append(Move(environment, project, old, new))
    return out


def host_changes(causes: Causes, moved: set[tuple[str, str]]) -> Iterator[HostChange]:
    """Yield the hosts with another owner; `moved` are the environments and projects that move."""
    before, after = causes.before, causes.after
    for environment in dict.fromkeys((*before.routing.claims, *after.routing.claims)):
        old, new = _owners(before, environment), _owners(after, environment)
        for address in sorted(old.keys() | new.keys()):
            had, has = old.get(address), new.get(address)
            if had != has:
                leaves = had is not None and (environment, had[0]) in moved
                found = causes.of_host(environment, address)
                yield HostChange(environment, address, had, has, leaves and has is None, found)


def _owners(side: Side, environment: str) -> dict[str, Owner]:
    claims = side.routing.claims.get(environment, ())
    return {entry.address: entry.owner.service.key for entry in claims if entry.owner is not None}
