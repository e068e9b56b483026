"""C43: init containers need a network, which Istio's proxy takes from them before Istio 1.24 with its CNI agent.

The agent sends the traffic of a pod to the proxy before any container of it runs. An older proxy starts after the init
containers, so that those which download the model find nobody who answers. From Istio 1.24 on, servegen asks for a
proxy that starts first (sidecar.istio.io/nativeSidecar). Without the agent, the traffic is redirected after them.

Source: Istio documentation, Install the Istio CNI node agent, Compatibility with application init containers.

Passes, with istio: "1.24" and sidecars: {cni: true}:

    sidecar: istio

Fails, with istio: "1.22" and a model that is downloaded:

    sidecar: istio
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.render.views.sidecar import can_be_native

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "C43"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each service whose init containers have no network."""
    for instance in context.starting_instances:
        facts, launch = instance.environment.facts, instance.launch
        downloads = launch is not None and bool(launch.files.endpoints)
        proxy = instance.sidecar is not None and instance.sidecar.is_mesh_proxy
        if downloads and proxy and facts.sidecars.cni and not can_be_native(facts):
            yield _finding(instance)


def _finding(instance: ServiceInstance) -> Finding:
    name, version = instance.service.name, instance.environment.facts.istio
    message = f"the model of {name} is downloaded before the proxy of Istio {version} starts, without a network"
    hint = "use Istio 1.24 or later, a model that is mounted, or no sidecar"
    environments = (instance.environment.name,) if instance.environment.name else ()
    return Finding(ID, message, instance.position("sidecar"), hint, severity=SEVERITY, environments=environments)
