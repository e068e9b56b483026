"""P07: a service must not have one external port in two environments of a cluster.

Debug and test have no external address unless a rule enables it. If it is enabled, they get prod's port, and the API
server refuses one of the two Services, or, with externalIPs, sends prod's requests to either.

Passes:

    id: 14
    environments:
      test:
      prod:

Fails:

    id: 14
    environments:
      test:
        rules: {external: true}
      prod:
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.ports import claims, clashes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "P07"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each service whose external ports clash between its own environments."""
    for clash in clashes(claims(context.fleet)):
        first, second = clash.first, clash.second
        if first.service is second.service:
            ports = " and ".join(map(str, clash.ports))
            where = f"at {clash.scope}" if clash.scope else "on the nodes"
            message = (
                f"{first.service.name} has the external port {ports} in {first.environment.name} "
                f"and in {second.environment.name}, both {where} of the cluster {first.environment.cluster}"
            )
            hint = "write `rules: {external: false}` in one of the two environments"
            yield Finding(ID, message, first.in_environment(), hint, also=(second.in_environment(),))
