"""P42: a patch should not lead a Service to a port that no container of its pods has.

Requests to such a port end with a refused connection, and a name that no port has leaves the Service without endpoints.
The number of a port that a server opens without saying so needs its place in `ports` or in a patch of the container:
a NetworkPolicy lets requests reach declared ports only.

Passes:

    ports: 8000,9000
    patches:
      - kind: Service
        spec: {ports: [{name: http-8000, port: 8000, protocol: TCP, targetPort: 9000}]}

Fails:

    ports: 8000
    patches:
      - kind: Service
        spec: {ports: [{name: http-8000, port: 8000, protocol: TCP, targetPort: 9000}]}

Source: Kubernetes documentation, Service, Port definitions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.fleet.patched import apply_patches, deployment, items_below, kube_service
from generator.core.finding import Finding, Severity
from generator.core.loose_values import to_map

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "P42"
SEVERITY: Final = Severity.WARNING
_NAMES: Final = "write the number of a port of the container"


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a finding for each patch that sends requests of a Service to a port that no container has."""
    for instance in context.instances:
        patches = instance.settings.patches or ()
        if instance.settings.group_size == 1 and any(patch.get("kind") == "Service" for patch in patches):
            yield from _lost(instance)


def _lost(instance: ServiceInstance) -> Iterator[Finding]:
    opened, tree = _opened(instance), kube_service(instance)
    known = _targets(tree)
    for index, after in apply_patches(instance, tree):
        for target in _targets(after) - known - opened:
            place, where = instance.position("patches", index, "spec", "ports"), (instance.environment.name,)
            message = f"the Service {instance.service.name} leads to the port {target}, which no container has"
            hint = f"add {target} to `ports`, or to the `ports` of the container" if isinstance(target, int) else _NAMES
            yield Finding(ID, message, place, hint, severity=SEVERITY, environments=where)
        known |= _targets(after)


def _opened(instance: ServiceInstance) -> set[Any]:
    """Return the numbers and the names of the ports of all containers, after patches."""
    tree = deployment(instance)
    for _, after in apply_patches(instance, tree):
        tree = after
    spec = ("spec", "template", "spec")
    listed = [*items_below(tree, *spec, "initContainers"), *items_below(tree, *spec, "containers")]
    ports = [to_map(port) for container in listed for port in items_below(to_map(container), "ports")]
    return {value for port in ports for value in (port.get("containerPort"), port.get("name")) if _is_port(value)}


def _targets(tree: Any) -> set[Any]:
    """Return where the ports of a Service lead to: a port without a target has its own number."""
    ports = [to_map(port) for port in items_below(tree, "spec", "ports")]
    return {target for port in ports if _is_port(target := port.get("targetPort", port.get("port")))}


def _is_port(value: object) -> bool:
    return isinstance(value, (int, str)) and not isinstance(value, bool)
