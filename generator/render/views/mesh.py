"""DestinationRule: how the gateway treats the pods. Source: Istio API reference, DestinationRule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.render.views.route.istio import networking_api, since

if TYPE_CHECKING:
    from generator.fleet.model import ServiceInstance
    from generator.render.views.context import ServiceContext
    from generator.spec.traffic import Sticky, Warmup

# The first Istio whose DestinationRule has `warmup`; earlier ones have a duration alone (istio.io/api, its CRDs).
_WARMUP: Final = (1, 24)


def destination_rule(context: ServiceContext) -> bool:
    """Whether the service sets a traffic policy or has a port with TLS, on a cluster with Istio routing."""
    return bool(traffic_policy(context)) and context.instance.environment.facts.routing == "istio"


def api_version(context: ServiceContext) -> str:
    """The API version of DestinationRule."""
    return networking_api(context.instance.environment.facts)


def host(context: ServiceContext) -> str:
    """The full name of the Service: a short one is resolved relative to the rule's namespace."""
    instance = context.instance
    return f"{instance.service.name}.{instance.namespace}.svc.cluster.local"


def traffic_policy(context: ServiceContext) -> dict[str, Any]:
    """The parts that the spec's `traffic` sets, and TLS for ports that use it; empty if there are none."""
    policy = _asked(context)
    # The settings of a port replace all others. Nothing outside of the pod knows which certificate it has.
    tls = {"mode": "SIMPLE", "insecureSkipVerify": True}
    ports = [port.number for port in context.instance.settings.ports or () if port.protocol == "https"]
    levels = [{"port": {"number": port}, **policy, "tls": tls} for port in ports]
    return {**policy, **({"portLevelSettings": levels} if levels else {})}


def _asked(context: ServiceContext) -> dict[str, Any]:
    asked = context.instance.settings.traffic
    if asked is None:
        return {}
    out: dict[str, Any] = {}
    if asked.warmup is not None:
        # Warm-up works with ROUND_ROBIN and LEAST_REQUEST only.
        out["loadBalancer"] = {"simple": "LEAST_REQUEST", **_warmup(context.instance, asked.warmup)}
    if asked.sticky is not None:
        out["loadBalancer"] = {"consistentHash": _sticky(asked.sticky)}
    if asked.connections is not None:
        idle = asked.connections.idle_timeout
        wanted = {
            "http1MaxPendingRequests": asked.connections.pending,
            "http2MaxRequests": asked.connections.requests,
            "maxRequestsPerConnection": asked.connections.requests_per_connection,
            "idleTimeout": f"{idle}s" if idle is not None else None,
        }
        http = {key: value for key, value in wanted.items() if value is not None}
        timeout = asked.connections.connect_timeout
        pool = {"http": http, "tcp": {"connectTimeout": f"{timeout}s"} if timeout is not None else {}}
        if any(pool.values()):
            out["connectionPool"] = {key: value for key, value in pool.items() if value}
    if asked.outliers is not None:
        out["outlierDetection"] = {
            "consecutive5xxErrors": asked.outliers.errors,
            "interval": f"{asked.outliers.interval}s",
            "baseEjectionTime": f"{asked.outliers.ejection}s",
            "maxEjectionPercent": asked.outliers.max_percent,
            "minHealthPercent": asked.outliers.min_healthy_percent,
        }
    return out


def _sticky(asked: Sticky) -> dict[str, Any]:
    if asked.header is not None:
        return {"httpHeaderName": asked.header}
    return {"httpCookie": {"name": asked.cookie, "ttl": f"{asked.lifetime or 0}s"}}


def _warmup(instance: ServiceInstance, asked: Warmup) -> dict[str, Any]:
    duration = f"{asked.duration}s"
    if not since(instance.environment.facts, *_WARMUP):
        return {"warmupDurationSecs": duration}
    return {"warmup": {"duration": duration, "minimumPercent": asked.minimum_percent}}
