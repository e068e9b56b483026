"""H20: a managed gateway with a certificate needs the Secret that holds it.

servegen writes a managed Gateway. Without `tls_secret` it has no port with TLS, and clients that use https cannot
connect. `tls_secret` of a gateway that somebody else writes has no effect.

Passes:

    "80": {name: istio-system/servegen, managed: true, certificate: "*.example.com", tls_secret: wildcard}

Fails:

    "80": {name: istio-system/servegen, managed: true, certificate: "*.example.com"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.spec.gateway import Gateway

ID: Final = "H20"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each managed gateway without its Secret, and each Secret of one that is not managed."""
    for name, facts in context.fleet.platform.clusters.items():
        for key, gateway in facts.gateways.items():
            if (found := _wrong(gateway)) is not None:
                part, message, hint = found
                position = context.fleet.platform_position("clusters", name, "gateways", key, part)
                yield Finding(ID, message, position, hint)


def _wrong(gateway: Gateway) -> tuple[str, str, str] | None:
    """Return the key that is wrong, the message and the hint."""
    hint = "write tls_secret: NAME, the Secret with certificate and key in the namespace of the gateway"
    if gateway.managed and gateway.tls_secret is None:
        if gateway.certificate:
            return "certificate", f"{gateway.name} is managed, and has a certificate but no `tls_secret`", hint
        if gateway.tls_port is not None:
            return "tls_port", f"{gateway.name} is managed, and has a port with TLS but no `tls_secret`", hint
    if not gateway.managed and gateway.tls_secret is not None:
        message = f"`tls_secret` has no effect: {gateway.name} is not managed by servegen"
        return "tls_secret", message, "remove it, or write managed: true"
    return None
