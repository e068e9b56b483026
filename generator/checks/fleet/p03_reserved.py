"""P03: an external port must be valid, and not used on nodes or reserved by the cluster.

Passes:

    id: 14

Fails, on a cluster with `external: {mode: nodePort, reserved: [30140]}`:

    id: 14
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.external import external
from generator.fleet.ports import reserved_by
from generator.spec.values.ports import HIGHEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.external import External
    from generator.fleet.model import Fleet, ServiceInstance

ID: Final = "P03"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Check each port of each external address."""
    for instance in context.instances:
        given = external(instance)
        if given is not None:
            yield from _ports(context.fleet, instance, given)


def _ports(fleet: Fleet, instance: ServiceInstance, given: External) -> Iterator[Finding]:
    cluster = instance.environment.cluster
    position = instance.service.document.position(("id",))
    hint = f"remove the id and let `servegen expose {instance.service.name}` find a free one"
    for _, port in given.ports:
        taken = reserved_by(given.facts, port)
        if taken is not None:
            key = "reserved" if port in given.facts.reserved else "mode"
            also = (fleet.platform_position("clusters", cluster, "external", key),)
            yield Finding(
                ID,
                f"the id gives the port {port}, which on the cluster {cluster} is {taken}",
                position,
                hint,
                also=also,
            )
        elif port > HIGHEST and given.mode != "nodePort":
            message = f"the id gives the port {port} on the cluster {cluster}; expected at most {HIGHEST}"
            yield Finding(ID, message, position, hint)
            return
