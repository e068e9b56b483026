"""C28: a service in production should have `health`.

Without it, a pod gets requests as soon as its process runs, before the model is loaded, and a server that no longer
answers is never restarted. Generated commands bring their own probes: the check reports services with a `command` of
their own, and those of the type `serving`, in environments of stage prod. `health: null` says that a service has no
probe on purpose.

Passes:

    type: serving
    health: 8080:/health

Fails:

    type: serving
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.service_ports import protocol
from generator.spec.values.ports import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "C28"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each service without probes in production."""
    for instance in context.production_instances:
        if instance.settings.health is None and instance.rules.probes and _is_wanted(instance):
            yield _unprobed(instance)


def _is_wanted(instance: ServiceInstance) -> bool:
    """Whether no command is generated, and no spec has `health: null`."""
    generated = instance.settings.command is None and instance.server.models is not None
    return not generated and not any("health" in layer.values for layer in instance.layers)


def _unprobed(instance: ServiceInstance) -> Finding:
    message = f"{instance.service.name} has no `health`, so that its pods get requests before the model is loaded"
    port = next(iter(numbers(instance.settings.ports)), 8080)
    hint = f"add for example health: {port}:/health, with a path that answers 200 when the model is loaded"
    if protocol(instance, port) == "grpc":
        hint = f"add health: grpc:{port}, if the server has the health service of gRPC"
    if instance.server.models is not None:
        hint += "; without `command`, servegen writes the command and the probes of the server"
    place = instance.service.document.position(("type",))
    return Finding(ID, message, place, hint, severity=SEVERITY, environments=(instance.environment.name,))
