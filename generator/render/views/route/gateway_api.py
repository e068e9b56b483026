"""A route as an HTTPRoute of the Gateway API.

Source: Gateway API reference, HTTPRoute. It has no prefix match for headers: a prefix is rendered as a regular
expression. Its retries are not in the standard channel: the default of the gateway applies, which in Istio repeats what
no pod received. Each path of a host has an object of its own, because an HTTPRoute has at most 16 rules; the longest
path wins across all HTTPRoutes of a host.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from generator.fleet.gateways import listener_names, listening_ports, serves_both_ports
from generator.fleet.routes import to_group

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.fleet.routes import Destination, Route, RouteGroup
    from generator.spec.values.headers import HeaderRule

TEMPLATE: Final = "route/gateway-api.yaml.j2"


def group(routes: Iterable[Route]) -> list[RouteGroup]:
    """One object for each path of a host on a gateway port."""
    return [to_group(route.address, (route,)) for route in routes]


def api_version(_: RouteGroup) -> str:
    """The API version, stable since Gateway API 1.0."""
    return "gateway.networking.k8s.io/v1"


def parents(route: RouteGroup) -> list[Any]:
    """The gateway, with its listeners: by name if the platform file sets one, else by port.

    A managed gateway has a listener for each of its hosts: the port refers to all of them. A gateway of one gateway
    port with TLS is named alone, which refers to all its listeners: two references need the names of two listeners.
    """
    namespace, _, name = route.gateway.name.partition("/")
    kind = {"group": "gateway.networking.k8s.io", "kind": "Gateway"}
    return [{**kind, "namespace": namespace, "name": name, **section} for section in _sections(route)]


def _sections(route: RouteGroup) -> list[dict[str, Any]]:
    gateway, ports = route.gateway, listening_ports(route.gateway, route.gateway_port)
    names = listener_names(gateway, route.gateway_port)
    by_name = not gateway.managed or (len(ports) > 1 and serves_both_ports(route.owner.environment.facts, gateway))
    if by_name and len(names) == len(ports):
        return [{"sectionName": name} for name in names]
    return [{"port": route.gateway_port}] if len(ports) == 1 else [{}]


def rules(route: RouteGroup) -> list[dict[str, Any]]:
    """The rules. Their order has no effect: an exact path precedes a prefix, more headers precede fewer."""
    return [rule for one in route.routes for rule in _rules(one)]


def _rules(route: Route) -> Iterator[dict[str, Any]]:
    if route.redirect_to:
        path, _, query = route.redirect_to.partition("?")
        opened = [{"path": {"type": "Exact", "value": one}, "method": "GET"} for one in route.opened]
        yield {"matches": opened, "filters": [_redirect(path, query)]}
    limits, below = _limits(route), {"path": {"type": "PathPrefix", "value": route.prefix}}
    common = [*_cors(route), *_rewrite(route)]
    for rule in route.headers:
        match = {**below, "headers": [_header(rule.match)]}
        yield {"matches": [match], **_filters(common), "backendRefs": [_backend(rule.destination)], **limits}
    lone = len(route.destinations) == 1
    split = [_backend(d) if lone else {**_backend(d), "weight": d.percent} for d in route.destinations]
    filters = _filters([*common, *map(_mirror, route.mirrors)])
    yield {"matches": [below], **filters, "backendRefs": split, **limits}


def expression(rule: HeaderRule) -> str:
    """Return the regular expression of a rule that is not exact; a prefix is converted to one."""
    return f"{re.escape(rule.value)}.*" if rule.comparison == "prefix" else rule.value


def _filters(filters: list[dict[str, Any]]) -> dict[str, Any]:
    return {"filters": filters} if filters else {}


def _cors(route: Route) -> list[dict[str, Any]]:
    asked = route.owner.settings.cors
    if asked is None:
        return []
    policy = {
        "allowOrigins": [*asked.origins],
        "allowMethods": [*asked.methods],
        "allowHeaders": [*asked.headers],
        "exposeHeaders": [*asked.expose],
        "maxAge": asked.max_age,
        "allowCredentials": asked.credentials or None,
    }
    return [{"type": "CORS", "cors": {key: value for key, value in policy.items() if value}}]


def _rewrite(route: Route) -> list[dict[str, Any]]:
    if route.rewrite is None:
        return []
    path = {"type": "ReplacePrefixMatch", "replacePrefixMatch": route.rewrite}
    return [{"type": "URLRewrite", "urlRewrite": {"path": path}}]


def _redirect(path: str, query: str) -> dict[str, Any]:
    # The reference has no field for a query: it is appended to the path, and check H14 warns about it.
    replacement = {"type": "ReplaceFullPath", "replaceFullPath": f"{path}?{query}" if query else path}
    return {"type": "RequestRedirect", "requestRedirect": {"path": replacement, "statusCode": 302}}


def _header(rule: HeaderRule) -> dict[str, Any]:
    if rule.comparison == "exact":
        return {"type": "Exact", "name": rule.name, "value": rule.value}
    return {"type": "RegularExpression", "name": rule.name, "value": expression(rule)}


def _limits(route: Route) -> dict[str, Any]:
    timeout = route.owner.settings.timeout
    return {"timeouts": {"request": _duration(timeout)}} if timeout is not None else {}


def _duration(seconds: int) -> str:
    # A number in a duration of the Gateway API has at most five digits (GEP-2257).
    return f"{seconds}s" if seconds < 100_000 else f"{seconds // 3600}h{seconds % 3600}s"


def _mirror(destination: Destination) -> dict[str, Any]:
    mirror = {"backendRef": _backend(destination), "percent": destination.percent}
    return {"type": "RequestMirror", "requestMirror": mirror}


def _backend(destination: Destination) -> dict[str, Any]:
    name = destination.instance.service.name
    return {"group": "", "kind": "Service", "name": name, "port": destination.port}
