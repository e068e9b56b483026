"""H03: a host must be one that its gateway serves.

`*.example.com` in a gateway's `hosts` is a suffix: it covers `a.example.com` and `test.a.example.com`. In a certificate
it covers one label only, so browsers may not trust a host that the gateway serves: that is a warning (RFC 6125, section
6.4.3).

Passes, with `hosts: ["*.example.com"]` at the gateway:

    host: detector.example.com

Fails:

    host: detector.example.org
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.routing import gateway, host
from generator.fleet.service_ports import routed_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.spec.gateway import Gateway

ID: Final = "H03"
SEVERITY: Final = Severity.ERROR
# RFC 1035, section 2.3.4: the limit for a name in text form.
_LONGEST: Final = 253


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a finding for each owner whose host is too long, or not covered by a gateway or its certificate."""
    for owner in context.routing.owners():
        name = host(owner)
        if len(name) > _LONGEST:
            message = f"the host {name[:40]}… has {len(name)} characters, expected at most {_LONGEST}"
            yield Finding(ID, message, owner.position("host"), "shorten the host or the cluster's domain")
        for index, port in enumerate(routed_ports(owner)):
            through = gateway(owner, index) if port is not None else None
            if through is not None:
                yield from _covered(owner, name, through)


def _covered(owner: ServiceInstance, name: str, through: Gateway) -> Iterator[Finding]:
    if not any(_serves(pattern.lower(), name) for pattern in through.hosts):
        message = f"the gateway {through.name} does not serve the host {name}, only {', '.join(through.hosts)}"
        hint = "use a host that the gateway serves, or add this one to the gateway's `hosts`"
        yield Finding(ID, message, owner.position("host"), hint, environments=(owner.environment.name,))
    elif through.certificate and not any(_certifies(pattern.lower(), name) for pattern in through.certificate):
        message = f"the certificate of {through.name} does not cover the host {name}: a wildcard covers one label"
        hint = f"add {_wildcard(name)} to the certificate, or use a host with one label fewer"
        yield Finding(
            ID, message, owner.position("host"), hint, severity=Severity.WARNING, environments=(owner.environment.name,)
        )


def _serves(pattern: str, name: str) -> bool:
    return pattern in ("*", name) or (pattern.startswith("*.") and name.endswith(pattern[1:]))


def _certifies(pattern: str, name: str) -> bool:
    return pattern in (name, _wildcard(name))


def _wildcard(name: str) -> str:
    return f"*.{name.partition('.')[2]}"
