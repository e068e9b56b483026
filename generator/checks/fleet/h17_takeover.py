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

from generator.checks.found import CheckFinding
from generator.core.finding import Severity
from generator.fleet.routing import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.found import CheckContext

ID: Final = "H17"
SEVERITY: Final = Severity.WARNING
_HINT: Final = "take the line out: the takeover is over"


def check(review: CheckContext) -> Iterator[CheckFinding]:
    """Owners and superseded services that say it."""
    for instance in review.fleet.running():
        state = review.routing.state(instance)
        if not instance.manual or state not in (State.OWNER, State.SUPERSEDED):
            continue
        name, place = instance.service.name, instance.environment.name
        why = "nobody else has its host" if state is State.OWNER else review.routing.reason(instance)
        message = f"{name} says `takeover: manual` in {place} to no effect: {why}"
        yield CheckFinding(message, instance.in_environment("takeover"), _HINT)
