"""H12: a service should have a timeout, and one that can be reached.

Without `timeout` a request that hangs holds its connection forever. A timeout longer than the idle timeout of the load
balancer is never reached. `0s` sets explicitly that there is no limit, which streams need.

Passes:

    timeout: 300s

Fails:

    timeout: null
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "H12"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each owner without a timeout, or with a longer one than the load balancer's."""
    for owner in context.routing.owners():
        timeout, idle = owner.settings.timeout, owner.environment.facts.idle_timeout
        if timeout is None:
            message = f"{owner.service.name} has no `timeout`: a request that hangs never ends"
            yield Finding(
                ID,
                message,
                owner.position("timeout"),
                "write a duration, or 0s if the service streams",
                severity=SEVERITY,
            )
        elif idle is not None and timeout > idle:
            cluster = owner.environment.cluster
            message = f"a request may take {timeout} s, but the load balancer of {cluster} ends it after {idle} s"
            yield Finding(
                ID,
                message,
                owner.position("timeout"),
                f"write at most {idle}s, or 0s for an endless stream",
                severity=SEVERITY,
            )
