"""The VirtualService of one host on one gateway port.

Source: Istio API reference, VirtualService. One that Envoy refuses stops all changes of the whole gateway port, so
weights sum to 100, none is 0, and a lone destination has none.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

from generator.views.service import MANAGED_BY

if TYPE_CHECKING:
    from generator.traffic import Destination, Route

_LONGEST: Final = 63


def name(route: Route) -> str:
    """From host and port, never from the owner: a takeover changes the object in place.

    `*` becomes `any`, other characters that a name cannot hold become `-`; a name that was changed or cut ends in six
    characters of a hash, so that no two hosts share one.
    """
    plain = f"{route.host}-{route.gateway_port}"
    safe = re.sub(r"[^a-z0-9.-]", "-", plain.lower().replace("*", "any"))
    if safe == plain and len(plain) <= _LONGEST:
        return plain
    digest = hashlib.sha256(plain.encode()).hexdigest()[:6]
    return f"{safe[: _LONGEST - 7].rstrip('.-')}-{digest}"


def namespace(route: Route) -> str:
    """The owner's namespace."""
    return route.owner.namespace


def api_version(_: Route) -> str:
    """Stored version since Istio 1.22."""
    return "networking.istio.io/v1"


def labels(route: Route) -> dict[str, str]:
    """Labels that no takeover changes."""
    return {"app.kubernetes.io/part-of": route.owner.service.project, **MANAGED_BY}


def hosts(route: Route) -> list[str]:
    """The one host."""
    return [route.host]


def gateways(route: Route) -> list[str]:
    """The one gateway, as namespace/name."""
    return [route.gateway]


def http(route: Route) -> list[dict[str, Any]]:
    """Where `/` leads to, then where everything else goes. No retries: an inference request may not run twice."""
    rules: list[dict[str, Any]] = []
    if route.opens:
        match = {"uri": {"exact": "/"}, "method": {"exact": "GET"}}
        rules.append({"name": "open", "match": [match], "redirect": _redirect(route.opens)})
    lone = len(route.destinations) == 1
    rule: dict[str, Any] = {
        "name": "default",
        "route": [_target(d) if lone else {**_target(d), "weight": d.percent} for d in route.destinations],
    }
    if route.mirrors:
        rule["mirrors"] = [{**_target(d), "percentage": {"value": d.percent}} for d in route.mirrors]
    timeout = route.owner.settings.timeout
    if timeout is not None:
        rule["timeout"] = f"{timeout}s"
    rules.append({**rule, "retries": {"attempts": 0}})
    return rules


def _redirect(path: str) -> dict[str, Any]:
    return {"uri": path, "redirectCode": 302}


def _target(destination: Destination) -> dict[str, Any]:
    deployed = destination.deployed
    service = f"{deployed.service.name}.{deployed.namespace}.svc.cluster.local"
    return {"destination": {"host": service, "port": {"number": destination.port}}}
