"""H02: of several services with one host, the newest release owns it, and the stamps must tell which that is.

A stamp in the future would win against every deployment until then. A stamp that is new in a change, but older than
a rival's, was written before the rival was deployed: the change would have no effect; nor has a takeover that is no
longer manual, when a rival was released since. Where all say `takeover: manual` nobody has the host. Up to five minutes
ahead is taken for clocks that differ.

Passes:

    # detector-1.yaml                        # detector-2.yaml
    released: 2026-11-21T10:00:00Z           released: 2026-11-22T10:00:00Z

Fails, because both were released at the same time:

    # detector-1.yaml                        # detector-2.yaml
    released: 2026-11-22T10:00:00Z           released: 2026-11-22T18:00:00+08:00
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.found import Found
from generator.core.finding import Severity
from generator.fleet.ownership import CLOCKS_DIFFER, tied
from generator.fleet.routing import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from generator.checks.found import Review
    from generator.core.finding import Position
    from generator.fleet.model import Deployed, ServiceEntry
    from generator.fleet.routing import Rivals
    from generator.spec.service import Release, Service

ID: Final = "H02"
SEVERITY: Final = Severity.ERROR


def check(review: Review) -> Iterator[Found]:
    """Missing, equal and future stamps, and new ones that do not win."""
    # A base without services is no state to compare with: the specs are new to the repository.
    base = review.base if review.base is not None and review.base.services else None
    before: dict[str, list[ServiceEntry]] = {}
    for service in base.services if base is not None else ():
        before.setdefault(service.name, []).append(service)
    for entries in review.traffic.rivals.values():
        for rivals in entries:
            yield from _undecided(rivals)
            if base is not None and rivals.owner is not None:
                yield from _late(review, rivals, rivals.owner, before, base.unread)
    if review.now is not None:
        yield from _future(review, review.now)


def _undecided(rivals: Rivals) -> Iterator[Found]:
    apps = {(rival.service.project, rival.service.app) for rival in rivals.services}
    if len(rivals.services) == 1 or rivals.owner is not None or len(apps) > 1:
        return  # H01 tells of rivals in several apps
    undated = [rival for rival in rivals.services if rival.released is None]
    for rival in undated:
        others = [other for other in rivals.services if other is not rival]
        names = ", ".join(sorted(other.service.name for other in others))
        message = f"{rival.service.name} and {names} name the host {rivals.host}, but this one has no `released` stamp"
        hint = "write `released:` with the time of this deployment; the newest owns the host"
        yield Found(message, rival.in_environment(), hint, _places(others))
    if not undated:
        yield _tie(rivals, *pair) if (pair := tied(rivals.services)) is not None else _all_manual(rivals)


def _tie(rivals: Rivals, first: Deployed, second: Deployed) -> Found:
    message = (
        f"{first.service.name} and {second.service.name} name the host {rivals.host} and were released at the same time"
    )
    hint = "the newest owns the host: write a later time for the one that shall have it"
    return Found(message, first.in_environment("released"), hint, (second.in_environment("released"),))


def _all_manual(rivals: Rivals) -> Found:
    first, *others = rivals.services
    names = " and ".join(rival.service.name for rival in rivals.services)
    message = f"{names} name the host {rivals.host}, and all say `takeover: manual`: nobody has it"
    hint = "take the line out of the spec of the one that shall have the host"
    also = tuple(other.in_environment("takeover") for other in others)
    return Found(message, first.in_environment("takeover"), hint, also)


def _future(review: Review, now: datetime) -> Iterator[Found]:
    for deployed in review.fleet.running():
        if deployed.released is not None and deployed.released > now + CLOCKS_DIFFER:
            message = f"{deployed.service.name} is released in the future: {deployed.released.isoformat()}"
            hint = f"it would keep its host against every later deployment: write {now:%Y-%m-%dT%H:%M:%SZ}"
            yield Found(message, deployed.in_environment("released"), hint)


def _late(
    review: Review, rivals: Rivals, owner: Deployed, base: dict[str, list[ServiceEntry]], unread: set[str]
) -> Iterator[Found]:
    """A target is left alone: its stamp says since when it runs, and that it does."""
    for rival in rivals.services:
        if review.traffic.state(rival) is not State.SUPERSEDED or rival.service.name in unread:
            continue
        before = _before(base.get(rival.service.name, []), rival)
        if before is None or before[0].released != rival.released:
            yield _loses(rival, owner, f"is deployed by this change to the host {rivals.host}")
        elif before[0].takeover == "manual" and not rival.manual:
            yield _loses(rival, owner, f"no longer waits to take the host {rivals.host} over")
        elif (before[0].host or before[1].host) != rival.settings.host:
            message = (
                f"{rival.service.name} leaves {rival.place.name} by this change: {owner.service.name} "
                f"was released later and has the host {rivals.host}"
            )
            hint = "keep its host as it was, or let the owner's `split` name it"
            also = (owner.in_environment("released"),)
            yield Found(message, rival.position("host"), hint, also, Severity.WARNING)


def _loses(rival: Deployed, owner: Deployed, change: str) -> Found:
    message = f"{rival.service.name} {change}, but {owner.service.name} was released later and keeps it"
    hint = "its stamp was written before the other's: deploy again, with the time of now"
    return Found(message, rival.in_environment("released"), hint, (owner.in_environment("released"),))


def _before(named: list[ServiceEntry], rival: Deployed) -> tuple[Release, Service] | None:
    """What the base says of the service, there and at all; None when it was not deployed there.

    `named` are the base's services of its name: it may have been in another folder. Its host was the service's own or
    its stanza's, as layers do not change in a release.
    """
    key, project = rival.service.key, rival.service.project
    for service in sorted(named, key=lambda entry: (entry.key != key, entry.project != project)):
        release = service.spec.environments.get(rival.place.name)
        if release is not None:
            return release, service.spec
    return None


def _places(deployed: Iterable[Deployed]) -> tuple[Position, ...]:
    return tuple(entry.in_environment() for entry in deployed)
