"""H17: `takeover: manual` is for a service that waits beside the owner of its host.

If no other service names the host, the service owns it anyway; if a newer release owns it, the service is superseded.
In both cases the line has no effect now, but would hold back a later deployment unexpectedly.

Passes, when an older release of the host `detector.example.com` is there too:

    environments:
      prod: {released: 2026-11-23T10:00:00Z, takeover: manual}

Fails, when it is alone:

    environments:
      prod: {takeover: manual}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.routes import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "H17"
SEVERITY: Final = Severity.WARNING
_HINT: Final = "remove `takeover: manual`"


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each owner and each superseded service with `takeover: manual`."""
    for instance in context.instances:
        state = context.routing.state(instance)
        if not instance.manual or state not in (State.OWNER, State.SUPERSEDED):
            continue
        name, place = instance.service.name, instance.environment.name
        why = "no other service has its host" if state is State.OWNER else context.routing.reason(instance)
        message = f"`takeover: manual` of {name} has no effect in {place}: {why}"
        yield Finding(ID, message, instance.in_environment("takeover"), _HINT, severity=SEVERITY)
