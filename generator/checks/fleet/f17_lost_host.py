"""F17: a host that was served is still served, although its service was renamed, or has another host now.

A service without `host` has its name as host, so that a new name of its file is a new host, and clients of the old one
get 404. A service that is undeployed or removed loses its host on purpose, and is not reported. Without a base revision
nothing is checked.

Passes, for a service that was detector-1:

    # classifier-1.yaml
    host: detector-1.service.example.com

Fails, with a warning:

    # classifier-1.yaml, without `host`
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.routing import host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.fleet.model import ServiceInstance

ID: Final = "F17"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each host of the base revision whose owner now has another name or another host."""
    if context.routing_before is None:
        return
    for environment, entries in context.routing_before.claims.items():
        served = {claims.host for claims in context.routing.claims.get(environment, ()) if claims.owner is not None}
        for claims in entries:
            owner = claims.owner
            if owner is None or claims.host in served or owner.service.name in context.fleet.unread:
                continue
            if (now := _successor(context, owner)) is not None:
                yield _finding(owner, now, claims.host)


def _successor(context: CheckContext, owner: ServiceInstance) -> ServiceInstance | None:
    """Return the service as it is deployed now: of the same name, or else a new one of the same model and version."""
    environment, app = owner.environment.name, owner.service.key[:2]
    now = context.fleet.instances.get(environment, {})
    if owner.service.key in context.fleet.bases:
        return now.get(owner.service.key)
    known = {service.key for service in context.base.services} if context.base is not None else set()
    wanted = (owner.service.spec.model, owner.service.spec.version)
    new = (entry for key, entry in now.items() if key[:2] == app and key not in known)
    return next((entry for entry in new if (entry.service.spec.model, entry.service.spec.version) == wanted), None)


def _finding(owner: ServiceInstance, now: ServiceInstance, lost: str) -> Finding:
    own = lost.removeprefix(owner.rules.prefix or "")
    name = owner.service.name
    if own == _own(now):
        message = f"no service has the host {lost} any more: {name} has the host {host(now)} now"
        hint = (
            f"if clients use {lost}, restore the stage of {now.environment.name}, which decides the prefix of its hosts"
        )
        return Finding(ID, message, _position(now), hint, SEVERITY, environments=(now.environment.name,))
    what = f"was renamed to {now.service.name}" if name != now.service.name else f"has the host {_own(now)} now"
    message = f"no service has the host {own} any more: {name} {what}"
    hint = f"write `host: {own}` in {now.service.document.file}, unless no client uses the host"
    return Finding(ID, message, _position(now), hint, SEVERITY, environments=(now.environment.name,))


def _own(instance: ServiceInstance) -> str:
    return host(instance).removeprefix(instance.rules.prefix or "")


def _position(instance: ServiceInstance) -> Position:
    return instance.position("host") if instance.settings.host else instance.service.document.position(("model",))
