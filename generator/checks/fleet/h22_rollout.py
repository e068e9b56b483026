"""H22: a `rollout` needs an older release of its host, from which it takes the requests over.

If no other service names the host, the service gets all requests at once; if a newer release owns it, the service is
superseded. In both cases the line has no effect now, but would hold back a later deployment unexpectedly. The same
holds for `rollout_stopped` without `rollout`.

Passes, when an older release of the host `detector.example.com` is there too:

    environments:
      prod: {released: 2026-11-23T10:00:00Z, rollout: "5%,25%,100% every 1h"}

Fails, when it is alone:

    environments:
      prod: {released: 2026-11-23T10:00:00Z, rollout: "5%,25%,100% every 1h"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.routes import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "H22"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each owner and each superseded service with a rollout."""
    for instance in context.instances:
        if instance.rollout is None and instance.rollout_stopped is None:
            continue
        name, place = instance.service.name, instance.environment.name
        state = context.routing.state(instance)
        if instance.rollout is None:
            message = f"`rollout_stopped` of {name} has no effect in {place}: it has no `rollout`"
            position = instance.in_environment("rollout_stopped")
            yield Finding(ID, message, position, "remove `rollout_stopped`", severity=SEVERITY)
        elif state in (State.OWNER, State.SUPERSEDED):
            alone = "no other service has its host, so it gets all requests at once"
            why = alone if state is State.OWNER else context.routing.reason(instance)
            message = f"`rollout` of {name} has no effect in {place}: {why}"
            yield Finding(ID, message, instance.in_environment("rollout"), "remove `rollout`", severity=SEVERITY)
