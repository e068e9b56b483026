"""Who can get a host in the place of its owner: rivals that are deployed, and services of the app that have left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from generator.edit.release import returned
from generator.fleet.ownership import waits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.cli.edit import Workspace
    from generator.fleet.model import Deployed, ServiceEntry
    from generator.fleet.routing import Rivals, Traffic


@dataclass(frozen=True, slots=True)
class Candidate:
    """A service, its spec with a stanza of the environment, and the traffic of the fleet with that spec."""

    service: ServiceEntry
    text: bytes
    traffic: Traffic
    had_left: bool = False


def candidates(work: Workspace, rivals: Rivals) -> Iterator[Candidate]:
    """The services that had the host before its owner: those that are deployed, then those that have left.

    The last released is the first of each. Raises NotEditableError.
    """
    yield from _deployed(work, rivals, waiting=False)
    yield from _left(work, rivals)


def waiting(work: Workspace, rivals: Rivals) -> Iterator[Candidate]:
    """The services whose `takeover: manual` keeps them from the host; released after its owner, they never had it."""
    yield from _deployed(work, rivals, waiting=True)


def _deployed(work: Workspace, rivals: Rivals, *, waiting: bool) -> Iterator[Candidate]:
    owner = rivals.owner
    for rival in rivals.services:
        if owner is not None and rival is not owner and waits(rival, owner) is waiting:
            yield Candidate(rival.service, work.specs[rival.service.document.file], work.traffic)


def _left(work: Workspace, rivals: Rivals) -> Iterator[Candidate]:
    owner = rivals.owner
    if owner is None:
        return
    environment = owner.place.name
    found: list[tuple[datetime, Candidate]] = []
    for entry in work.fleet.apps()[owner.service.project, owner.service.app]:
        text = _brought_back(work, entry, environment)
        traffic = work.resolved({entry.document.file: text}).traffic if text is not None else None
        if text is None or traffic is None:
            continue
        rival = _rival(traffic, entry, environment, rivals.host)
        if rival is not None:
            stamp = rival.released or datetime.min.replace(tzinfo=UTC)
            found.append((stamp, Candidate(entry, text, traffic, had_left=True)))
    yield from (candidate for _, candidate in sorted(found, key=lambda pair: pair[0], reverse=True))


def _brought_back(work: Workspace, entry: ServiceEntry, environment: str) -> bytes | None:
    """The spec of a service that has left, with its last stanza in Git's history; None where it has none."""
    from generator.repo.git.history import earlier_stanzas

    if entry.spec.environments.get(environment) is not None:
        return None
    for text, stanzas in earlier_stanzas(work.root, entry.document.file):
        if stanzas.get(environment) is not None:
            return returned(work.specs, entry, environment, text)
    return None


def _rival(traffic: Traffic, entry: ServiceEntry, environment: str, host: str) -> Deployed | None:
    """The service as one of those that name the host."""
    named = (rival for rivals in traffic.rivals[environment] if rivals.host == host for rival in rivals.services)
    return next((rival for rival in named if rival.service.key == entry.key), None)
