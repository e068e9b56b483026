"""H11: each port of a service needs its gateway, and the two gateways must not listen on one port.

istiod maps a Gateway's port to the target port of the gateway's Service. If 80 and 8080 have the same target port (the
demo profile maps 80 to 8080), one of the two is dropped silently (istio/istio#29291).

Passes:

    gateways:
      "80": {name: istio-system/serving, target_port: 8888}
      "8080": {name: istio-system/serving-8080, target_port: 8889}

Fails:

    gateways:
      "80": {name: istio-system/serving, target_port: 8080}
      "8080": {name: istio-system/serving-8080, target_port: 8080}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.routes import GATEWAY_PORTS
from generator.fleet.routing import gateway
from generator.fleet.service_ports import routed_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "H11"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each port without a gateway, and for each cluster whose gateways have the same target port."""
    for owner in context.routing.owners():
        for index, port in enumerate(routed_ports(owner)):
            if port is not None and gateway(owner, index) is None:
                number, cluster = GATEWAY_PORTS[index], owner.environment.cluster
                message = f"port {port} needs gateway port {number}, which {cluster} does not have"
                hint = f"add the gateway of port {number} to the cluster"
                hint += ", or keep one port" if index else ""
                yield Finding(ID, message, owner.position("ports"), hint)
    for name, facts in context.fleet.platform.clusters.items():
        targets = {key: entry.target_port for key, entry in facts.gateways.items() if entry.target_port is not None}
        if len(targets) > len(set(targets.values())):
            message = f"both gateways of {name} have the target port {targets['80']}: Istio drops one of them"
            first, second = (context.fleet.platform_position("clusters", name, "gateways", key) for key in targets)
            yield Finding(ID, message, second, "give the gateway's Service another target port for 8080", also=(first,))
