"""H17: `takeover: manual` is for a service that waits beside the owner of its host.

Where nobody else has the host, the service owns it all the same; where a newer release has it, the service is
superseded. In both cases the line says nothing now, and would hold back a later deployment when nobody thinks of it.

Passes, when an older release of the host `detector.example.com` is there too:

    environments:
      prod: {released: 2026-11-23T10:00:00Z, takeover: manual}

Fails, when it is alone:

    environments:
      prod: {takeover: manual}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.found import Found
from generator.core.finding import Severity
from generator.fleet.routing import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.found import Review

ID: Final = "H17"
SEVERITY: Final = Severity.WARNING
_HINT: Final = "take the line out: the takeover is over"


def check(review: Review) -> Iterator[Found]:
    """Owners and superseded services that say it."""
    for deployed in review.fleet.running():
        state = review.traffic.state(deployed)
        if not deployed.manual or state not in (State.OWNER, State.SUPERSEDED):
            continue
        name, place = deployed.service.name, deployed.place.name
        why = "nobody else has its host" if state is State.OWNER else review.traffic.reason(deployed)
        message = f"{name} says `takeover: manual` in {place} to no effect: {why}"
        yield Found(message, deployed.in_environment("takeover"), _HINT)
