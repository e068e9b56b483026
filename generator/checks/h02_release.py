"""H02: of several services with one host, the newest release owns it, and the stamps must tell which that is.

A stamp in the future would win against every deployment until then. A stamp that is new in a change, but older than
a rival's, was written before the rival was deployed: the change would have no effect. Up to five minutes ahead is
taken for clocks that differ.

Passes:

    # detector-1.yaml                        # detector-2.yaml
    released: 2026-11-21T10:00:00Z           released: 2026-11-22T10:00:00Z

Fails, because both were released at the same time:

    # detector-1.yaml                        # detector-2.yaml
    released: 2026-11-22T10:00:00Z           released: 2026-11-22T18:00:00+08:00
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from generator.checks.found import Found
from generator.problem import Severity
from generator.traffic import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from generator.checks.found import Review
    from generator.fleet import Deployed
    from generator.problem import Position
    from generator.specs import Specs
    from generator.traffic import Rivals

ID: Final = "H02"
SEVERITY: Final = Severity.ERROR
_TOLERANCE: Final = timedelta(minutes=5)


def check(review: Review) -> Iterator[Found]:
    """Missing, equal and future stamps, and new ones that do not win."""
    before = _stamps(review.base) if review.base is not None else None
    for entries in review.traffic.rivals.values():
        for rivals in entries:
            yield from _undecided(rivals)
            if before is not None and rivals.owner is not None:
                yield from _late(review, rivals, rivals.owner, before)
    if review.now is not None:
        yield from _future(review, review.now)


def _undecided(rivals: Rivals) -> Iterator[Found]:
    if len(rivals.services) == 1 or rivals.owner is not None:
        return
    undated = [rival for rival in rivals.services if rival.released is None]
    for rival in undated:
        others = [other for other in rivals.services if other is not rival]
        names = ", ".join(sorted(other.service.name for other in others))
        message = f"{rival.service.name} and {names} name the host {rivals.host}, but this one has no `released` stamp"
        hint = "write `released:` with the time of this deployment; the newest owns the host"
        yield Found(message, rival.in_environment(), hint, _places(others))
    if not undated:
        first, second = rivals.services[:2]
        message = (
            f"{first.service.name} and {second.service.name} name the host {rivals.host} "
            "and were released at the same time"
        )
        hint = "the newest owns the host: write a later time for the one that shall have it"
        yield Found(message, first.in_environment("released"), hint, (second.in_environment("released"),))


def _future(review: Review, now: datetime) -> Iterator[Found]:
    for deployed in review.fleet.running():
        if deployed.released is not None and deployed.released > now + _TOLERANCE:
            message = f"{deployed.service.name} is released in the future: {deployed.released.isoformat()}"
            hint = f"it would keep its host against every later deployment: write {now:%Y-%m-%dT%H:%M:%SZ}"
            yield Found(message, deployed.in_environment("released"), hint)


def _late(review: Review, rivals: Rivals, owner: Deployed, before: dict[tuple[str, ...], datetime]) -> Iterator[Found]:
    """A target is left alone: its stamp says since when it runs, and that it does."""
    for rival in rivals.services:
        key = (*rival.service.key, rival.place.name)
        new = rival.released is not None and before.get(key) != rival.released
        if new and review.traffic.state(rival) is State.SUPERSEDED:
            message = (
                f"{rival.service.name} is deployed by this change, but {owner.service.name} "
                f"was released later and keeps the host {rivals.host}"
            )
            hint = "its stamp was written before the other's: deploy again, with the time of now"
            yield Found(message, rival.in_environment("released"), hint, (owner.in_environment("released"),))


def _stamps(base: Specs) -> dict[tuple[str, ...], datetime]:
    """The stamps of the base revision by project, app, service and environment."""
    return {
        (*service.key, environment): release.released
        for service in base.services
        for environment, release in service.spec.environments.items()
        if release is not None and release.released is not None
    }


def _places(deployed: Iterable[Deployed]) -> tuple[Position, ...]:
    return tuple(entry.in_environment() for entry in deployed)
