"""P10: a port that uses `https` needs routes of Istio.

The gateway has to open TLS to the pods. servegen writes a DestinationRule for that, which does not verify the pod's
certificate. The Gateway API needs a BackendTLSPolicy with the certificate's authority, and servegen does not know it.

Passes, with `routing: istio`:

    ports: 8443/https

Fails, with `routing: gateway-api`:

    ports: 8443/https
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "P10"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each port with https, on clusters with Gateway API routing."""
    for instance in context.instances:
        if instance.environment.facts.routing != "gateway-api":
            continue
        for port in instance.settings.ports or ():
            if port.protocol == "https":
                message = f"port {port.number} uses https; the gateway of {instance.environment.cluster} cannot send it"
                hint = "let the server listen without TLS inside of the cluster, or write tcp: it needs no route"
                names = (instance.environment.name,)
                yield Finding(ID, message, instance.position("ports"), hint, environments=names)
