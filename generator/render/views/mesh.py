"""DestinationRule and NetworkPolicy: how the gateway treats the pods, and which clients may reach them.

Source: Istio API reference, DestinationRule; Kubernetes API reference, networking.k8s.io/v1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.fleet.external import external
from generator.render.views.route.istio import networking_api, since

if TYPE_CHECKING:
    from generator.fleet.model import ServiceInstance
    from generator.render.views.context import ServiceContext
    from generator.spec.traffic import Warmup

# The first Istio whose DestinationRule has `warmup`; earlier ones have a duration alone (istio.io/api, its CRDs).
_WARMUP: Final = (1, 24)


def destination_rule(context: ServiceContext) -> bool:
    """Whether the service sets a traffic policy, on a cluster with Istio routing."""
    return bool(traffic_policy(context)) and context.instance.environment.facts.routing == "istio"


def api_version(context: ServiceContext) -> str:
    """The API version of DestinationRule."""
    return networking_api(context.instance.environment.facts)


def host(context: ServiceContext) -> str:
    """The full name of the Service: a short one is resolved relative to the rule's namespace."""
    instance = context.instance
    return f"{instance.service.name}.{instance.namespace}.svc.cluster.local"


def traffic_policy(context: ServiceContext) -> dict[str, Any]:
    """The parts that the spec's `traffic` sets; empty if it sets none."""
    asked = context.instance.settings.traffic
    if asked is None:
        return {}
    out: dict[str, Any] = {}
    if asked.warmup is not None:
        # Warm-up works with ROUND_ROBIN and LEAST_REQUEST only.
        out["loadBalancer"] = {"simple": "LEAST_REQUEST", **_warmup(context.instance, asked.warmup)}
    if asked.connections is not None:
        wanted = {
            "http1MaxPendingRequests": asked.connections.pending,
            "http2MaxRequests": asked.connections.requests,
            "maxRequestsPerConnection": asked.connections.requests_per_connection,
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


def _warmup(instance: ServiceInstance, asked: Warmup) -> dict[str, Any]:
    duration = f"{asked.duration}s"
    if not since(instance.environment.facts, *_WARMUP):
        return {"warmupDurationSecs": duration}
    return {"warmup": {"duration": duration, "minimumPercent": asked.minimum_percent}}


def network_policy(context: ServiceContext) -> bool:
    """Whether the cluster restricts access to the pods of services."""
    return context.instance.environment.facts.network_policy is not None


def ingress(context: ServiceContext) -> list[dict[str, Any]]:
    """The clients that the policy admits: the gateways, the namespace's own pods, and those that read metrics.

    If the service has an external address, all clients are admitted. The kubelet's probes are always admitted.
    """
    facts, settings = context.instance.environment.facts.network_policy, context.instance.settings
    if facts is None:
        return []
    ports = _ports(*(settings.ports or ()))
    out: list[dict[str, Any]] = [{"from": [*map(_namespace, facts.gateways), {"podSelector": {}}], "ports": ports}]
    if settings.metrics is not None and facts.monitoring:
        out.append({"from": [*map(_namespace, facts.monitoring)], "ports": _ports(settings.metrics.port)})
    if external(context.instance) is not None:
        # Its clients can have any address, including those of the nodes.
        out.append({"ports": ports})
    return out


def _namespace(name: str) -> dict[str, Any]:
    # Every namespace has this label since Kubernetes 1.22, and it cannot be removed.
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def _ports(*ports: int) -> list[dict[str, Any]]:
    return [{"protocol": "TCP", "port": port} for port in ports]
