"""A route as a VirtualService.

Source: Istio API reference, VirtualService. A VirtualService that Envoy refuses blocks all changes of the whole gateway
port, so weights sum to 100, none is 0, and a single destination has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from generator.fleet.routes import Destination, Route
    from generator.spec.platform import Cluster

TEMPLATE: Final = "route/istio.yaml.j2"
# The first Istio that serves networking.istio.io/v1 (Istio 1.22 release notes).
_STABLE: Final = (1, 22)


def since(facts: Cluster, major: int, minor: int) -> bool:
    """Return whether the cluster's Istio has at least this version."""
    return tuple(map(int, facts.istio.split("."))) >= (major, minor)


def networking_api(facts: Cluster) -> str:
    """Return the version of Istio's networking API that the cluster serves."""
    return "networking.istio.io/v1" if since(facts, *_STABLE) else "networking.istio.io/v1beta1"


def api_version(route: Route) -> str:
    """The API version of VirtualService."""
    return networking_api(route.owner.environment.facts)


def parents(route: Route) -> list[Any]:
    """The single gateway, as namespace/name."""
    return [route.gateway.name]


def rules(route: Route) -> list[dict[str, Any]]:
    """The http rules. Timeout and retries are explicit: by default an inference request could run three times."""
    out: list[dict[str, Any]] = []
    port = _port(route)
    if route.redirect_to:
        match = {"uri": {"exact": "/"}, "method": {"exact": "GET"}, **port}
        out.append({"name": "open", "match": [match], "redirect": {"uri": route.redirect_to, "redirectCode": 302}})
    limits = _limits(route)
    for number, rule in enumerate(route.headers, start=1):
        header = {rule.match.name: {rule.match.comparison: rule.match.value}}
        to = {"match": [{"headers": header, **port}], "route": [_target(rule.destination)]}
        out.append({"name": f"header-{number}", **to, **limits})
    lone = len(route.destinations) == 1
    split = [_target(d) if lone else {**_target(d), "weight": d.percent} for d in route.destinations]
    default = {"name": "default", **({"match": [port]} if port else {})}
    return [*out, {**default, "route": split, **_mirrors(route), **limits}]


def _port(route: Route) -> dict[str, int]:
    """The match for the gateway port if one Gateway has both: a route applies to all ports of its Gateway."""
    names = [gateway.name for gateway in route.owner.environment.facts.gateways.values()]
    return {"port": route.gateway_port} if names.count(route.gateway.name) > 1 else {}


def _limits(route: Route) -> dict[str, Any]:
    # Without a timeout there is no limit, and istiod refuses a timeout of 0.
    timeout = route.owner.settings.timeout
    return {**({"timeout": f"{timeout}s"} if timeout else {}), "retries": {"attempts": 0}}


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
