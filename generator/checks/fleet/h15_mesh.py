"""H15: with a sidecar, two Services should use the same port for one target port.

Istio warns about it (IST0137): the proxy knows a workload's port through one Service only and may apply that Service's
rules to requests for the other. A node port avoids the conflict, because its Service keeps the `port` of the ordinary
Service.

Passes, on a cluster with `external: {mode: nodePort}`:

    id: 14
    sidecar: istio

Fails, on a cluster with `external: {mode: loadBalancer}`:

    id: 14
    sidecar: istio
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.external import external

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "H15"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each service in the mesh whose external Service has other ports than its ordinary one."""
    for instance in context.instances:
        given = external(instance)
        if given is None or given.mode == "nodePort" or not _injected(instance) or not context.routing.runs(instance):
            continue
        other = [(inner, outer) for inner, outer in given.ports if inner != outer]
        if other:
            name, (inner, outer) = instance.service.name, other[0]
            message = f"{name} and {given.name} lead to port {inner} by different ports, {inner} and {outer} (IST0137)"
            hint = "use the cluster's mode nodePort, or give the service no sidecar"
            also = (instance.service.document.position(("id",)),)
            yield Finding(
                ID,
                message,
                instance.position("sidecar"),
                hint,
                severity=SEVERITY,
                also=also,
                environments=(instance.environment.name,),
            )


def _injected(instance: ServiceInstance) -> bool:
    return instance.sidecar is not None and instance.sidecar.is_mesh_proxy
