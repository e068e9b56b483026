"""P40: a service with the proxy of Istio must not use the ports of the proxy.

The proxy listens in the network of the pod. A server that wants one of its ports cannot start, or gets no request.

Passes:

    sidecar: istio
    ports: 8080

Fails:

    sidecar: istio
    ports: 15001

Source: Istio documentation, Application Requirements, Ports used by Istio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.spec.values.ports import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "P40"
SEVERITY: Final = Severity.ERROR
_OF_PROXY: Final = frozenset({15000, 15001, 15002, 15004, 15006, 15008, 15020, 15021, 15053, 15090})


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each port of a service that its proxy uses."""
    for instance in context.instances:
        if instance.sidecar is not None and instance.sidecar.is_mesh_proxy:
            for key, port in _ports(instance).items():
                message = f"found the port {port}, which the proxy of Istio in the pods of {instance.service.name} has"
                hint, where = "let the server listen on another port, such as 8080", (instance.environment.name,)
                yield Finding(ID, message, instance.position(key), hint, SEVERITY, environments=where)


def _ports(instance: ServiceInstance) -> dict[str, int]:
    """Return the port of the proxy that each key names; a port of `ports` is not reported for other keys too."""
    settings = instance.settings
    found = {"ports": next((port for port in numbers(settings.ports) if port in _OF_PROXY), None)}
    found |= {key: one.port for key in ("health", "metrics") if (one := getattr(settings, key)) is not None}
    taken = {key: port for key, port in found.items() if port in _OF_PROXY}
    return {key: port for key, port in taken.items() if key == "ports" or port != taken.get("ports")}
