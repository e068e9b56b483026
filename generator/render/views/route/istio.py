"""A route as a VirtualService.

Source: Istio API reference, VirtualService. All paths of a host are in one object, because the order of the rules of
two objects is not defined. A VirtualService that Envoy refuses blocks all changes of the whole gateway port, so weights
sum to 100, none is 0, and a single destination has none.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from generator.fleet.gateways import listening_ports, serves_both_ports
from generator.fleet.routes import to_group
from generator.spec.values.origins import to_expression
from generator.spec.values.path_prefix import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.fleet.routes import Destination, Route, RouteGroup
    from generator.spec.platform import Cluster

TEMPLATE: Final = "route/istio.yaml.j2"
# The first Istio that serves networking.istio.io/v1 (Istio 1.22 release notes).
_STABLE: Final = (1, 22)
# Both mean that no pod received the request.
_REPEATED: Final = "connect-failure,refused-stream"
_ATTEMPTS: Final = 2


def since(facts: Cluster, major: int, minor: int) -> bool:
    """Return whether the cluster's Istio has at least this version."""
    return _version(facts.istio) >= (major, minor)


@cache
def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def networking_api(facts: Cluster) -> str:
    """Return the version of Istio's networking API that the cluster serves."""
    return "networking.istio.io/v1" if since(facts, *_STABLE) else "networking.istio.io/v1beta1"


def group(routes: Iterable[Route]) -> list[RouteGroup]:
    """The routes of each host and gateway port together, the longest path first: the first rule that matches wins."""
    found: dict[tuple[str, int], list[Route]] = {}
    for route in routes:
        found.setdefault((route.host, route.gateway_port), []).append(route)
    for same in found.values():
        if len(same) > 1:
            same.sort(key=lambda one: (-len(one.prefix), one.prefix))
    return [to_group(same[0].host, tuple(same)) for same in found.values()]


def api_version(route: RouteGroup) -> str:
    """The API version of VirtualService."""
    return networking_api(route.owner.environment.facts)


def parents(route: RouteGroup) -> list[Any]:
    """The single gateway, as namespace/name."""
    return [route.gateway.name]


def rules(route: RouteGroup) -> list[dict[str, Any]]:
    """The http rules. Timeout and retries are explicit: by default an inference request could run three times."""
    ports = _ports(route)
    return [rule for one in route.routes for rule in _rules(one, ports)]


def _rules(route: Route, ports: list[dict[str, int]]) -> Iterator[dict[str, Any]]:
    at = "" if route.prefix == ROOT else f" {route.prefix}"
    if route.redirect_to:
        opened = [
            {"uri": {"exact": path}, "method": {"exact": "GET"}, **port} for path in route.opened for port in ports
        ]
        redirect = {"uri": route.redirect_to, "redirectCode": 302}
        yield {"name": f"open{at}", "match": opened, "redirect": redirect}
    limits, parts = _limits(route), _parts(route)
    for number, rule in enumerate(route.headers, start=1):
        header = {"headers": {rule.match.name: {rule.match.comparison: rule.match.value}}}
        for matches, rewrite in parts:
            match = {"match": [{**uri, **header, **port} for uri in matches for port in ports]}
            yield {"name": f"header-{number}{at}", **match, **rewrite, "route": [_target(rule.destination)], **limits}
    lone = len(route.destinations) == 1
    split = [_target(d) if lone else {**_target(d), "weight": d.percent} for d in route.destinations]
    for matches, rewrite in parts:
        match = {"match": both} if (both := [{**uri, **port} for uri in matches for port in ports]) != [{}] else {}
        yield {"name": f"default{at}", **match, **rewrite, "route": split, **_mirrors(route), **limits}


def _parts(route: Route) -> list[tuple[list[dict[str, Any]], dict[str, Any]]]:
    """The matches of the route's path, each list with the rewrite of the requests that it matches.

    Istio compares a prefix as text: `/a` would match `/ab` too, so it is the path itself, or one below `/a/`. What is
    matched is replaced, so the two need different replacements, unless both are the root.
    """
    itself, below = {"uri": {"exact": route.prefix}}, {"uri": {"prefix": f"{route.prefix}/"}}
    if route.prefix == ROOT:
        return [([{}], _rewrite(f"{route.rewrite}/" if route.rewrite else None))]
    if route.rewrite in (None, ROOT):
        return [([itself, below], _rewrite(route.rewrite))]
    return [([itself], _rewrite(route.rewrite)), ([below], _rewrite(f"{route.rewrite}/"))]


def _rewrite(path: str | None) -> dict[str, Any]:
    return {"rewrite": {"uri": path}} if path is not None else {}


def _ports(route: RouteGroup) -> list[dict[str, int]]:
    """The matches for the ports if one Gateway has both: a route applies to all ports of its Gateway."""
    if not serves_both_ports(route.owner.environment.facts, route.gateway):
        return [{}]
    return [{"port": port} for port in listening_ports(route.gateway, route.gateway_port)]


def _limits(route: Route) -> dict[str, Any]:
    # Without a timeout there is no limit, and istiod refuses a timeout of 0.
    timeout, attempts = route.owner.settings.timeout, route.owner.settings.retries
    attempts = _ATTEMPTS if attempts is None else attempts
    retries = {"attempts": attempts, **({"retryOn": _REPEATED} if attempts else {})}
    return {**({"timeout": f"{timeout}s"} if timeout else {}), "retries": retries, **_cors(route)}


def _cors(route: Route) -> dict[str, Any]:
    asked = route.owner.settings.cors
    if asked is None:
        return {}
    expressions = [(origin, to_expression(origin)) for origin in asked.origins]
    policy = {
        "allowOrigins": [{"regex": text} if text is not None else {"exact": origin} for origin, text in expressions],
        "allowMethods": [*asked.methods],
        "allowHeaders": [*asked.headers],
        "exposeHeaders": [*asked.expose],
        "maxAge": f"{asked.max_age}s" if asked.max_age is not None else None,
        "allowCredentials": asked.credentials or None,
    }
    return {"corsPolicy": {key: value for key, value in policy.items() if value}}


def _mirrors(route: Route) -> dict[str, Any]:
    copies = [{**_target(d), "percentage": {"value": d.percent}} for d in route.mirrors]
    if len(copies) == 1 and not since(route.owner.environment.facts, *_STABLE):
        # The list is newer than the single form, which every release accepts.
        return {"mirror": copies[0]["destination"], "mirrorPercentage": copies[0]["percentage"]}
    return {"mirrors": copies} if copies else {}


def _target(destination: Destination) -> dict[str, Any]:
    instance = destination.instance
    service = f"{instance.service.name}.{instance.namespace}.svc.cluster.local"
    return {"destination": {"host": service, "port": {"number": destination.port}}}
