"""Who can get a host in the place of its owner: rivals that are deployed, and services of the app that have left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from generator.edit.release import restore
from generator.fleet.ownership import waits
from generator.repo.git.history import earlier_stanzas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.model import ServiceEntry, ServiceInstance
    from generator.fleet.routing import HostClaims, Routing
    from generator.repo.repository import Repository


@dataclass(frozen=True, slots=True)
class Candidate:
    """A service, its spec with a stanza of the environment, and the traffic of the fleet with that spec."""

    service: ServiceEntry
    text: bytes
    routing: Routing
    had_left: bool = False


def candidates(repository: Repository, claims: HostClaims) -> Iterator[Candidate]:
    """The services that had the host before its owner: those that are deployed, then those that have left.

    The last released is the first of each. Raises NotEditableError.
    """
    yield from _deployed(repository, claims, waiting=False)
    yield from _left(repository, claims)


def manual_candidates(repository: Repository, claims: HostClaims) -> Iterator[Candidate]:
    """The services whose `takeover: manual` keeps them from the host; released after its owner, they never had it."""
    yield from _deployed(repository, claims, waiting=True)


def _deployed(repository: Repository, claims: HostClaims, *, waiting: bool) -> Iterator[Candidate]:
    owner = claims.owner
    for claimant in claims.services:
        if owner is not None and claimant is not owner and waits(claimant, owner) is waiting:
            yield Candidate(claimant.service, repository.specs[claimant.service.document.file], repository.routing)


def _left(repository: Repository, claims: HostClaims) -> Iterator[Candidate]:
    owner = claims.owner
    if owner is None:
        return
    environment = owner.environment.name
    found: list[tuple[datetime, Candidate]] = []
    for entry in repository.fleet.apps()[owner.service.project, owner.service.app]:
        text = _brought_back(repository, entry, environment)
        if text is None:
            continue
        routing = repository.with_edits({entry.document.file: text}).routing
        claimant = _rival(routing, entry, environment, claims.host)
        if claimant is not None:
            stamp = claimant.released or datetime.min.replace(tzinfo=UTC)
            found.append((stamp, Candidate(entry, text, routing, had_left=True)))
    yield from (candidate for _, candidate in sorted(found, key=lambda pair: pair[0], reverse=True))


def _brought_back(repository: Repository, entry: ServiceEntry, environment: str) -> bytes | None:
    """The spec of a service that has left, with its last stanza in Git's history; None where it has none."""
    if entry.spec.environments.get(environment) is not None:
        return None
    for text, stanzas in earlier_stanzas(repository.root, entry.document.file):
        if stanzas.get(environment) is not None:
            return restore(repository.specs, entry, environment, text)
    return None


def _rival(routing: Routing, entry: ServiceEntry, environment: str, host: str) -> ServiceInstance | None:
    """The service as one of those that name the host."""
    named = (claimant for claims in routing.claims[environment] if claims.host == host for claimant in claims.services)
    return next((claimant for claimant in named if claimant.service.key == entry.key), None)
