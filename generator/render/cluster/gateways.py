"""The Gateways that servegen manages, of Istio or of the Gateway API depending on the cluster's routing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.fleet.gateways import tls_port
from generator.render.cluster.manifest_input import ManifestInput
from generator.render.views.route.istio import networking_api
from generator.render.views.service import MANAGED_BY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.render.cluster.manifest_input import ClusterContext
    from generator.spec.gateway import Gateway
    from generator.spec.platform import Cluster

FILE: Final = "gateways.yaml"
# By the value of a cluster's `routing`.
_TEMPLATES: Final = {"istio": "platform/gateway-istio.yaml.j2", "gateway-api": "platform/gateway-api.yaml.j2"}


def parts(site: ClusterContext) -> Iterator[ManifestInput]:
    """Yield the managed Gateways; the entries of both ports become one Gateway if they have the same name."""
    managed: dict[str, dict[int, Gateway]] = {}
    for port, gateway in site.facts.gateways.items():
        if gateway.managed:
            managed.setdefault(gateway.name, {})[int(port)] = gateway
    for ports in managed.values():
        yield _part(site, ports)


def _part(site: ClusterContext, ports: dict[int, Gateway]) -> ManifestInput:
    gateway = next(iter(ports.values()))
    namespace, _, name = gateway.name.partition("/")
    template = _TEMPLATES[site.facts.routing]
    return ManifestInput(
        template, {"gateway": _values(site.facts, name, ports)}, namespace, site.environment, site.entry("gateways")
    )


def _values(facts: Cluster, name: str, ports: dict[int, Gateway]) -> dict[str, Any]:
    gateway = next(iter(ports.values()))
    return {
        "name": name,
        "labels": MANAGED_BY,
        "api_version": networking_api(facts),
        "selector": gateway.selector,
        "class_name": gateway.class_name,
        "servers": [server for port, entry in ports.items() for server in _servers(port, entry)],
        "listeners": [listener for port, entry in ports.items() for listener in _listeners(port, entry)],
    }


def _servers(port: int, gateway: Gateway) -> Iterator[dict[str, Any]]:
    hosts, tls = [*gateway.hosts], tls_port(gateway, port)
    if tls != port or gateway.tls_secret is None:
        yield {"port": {"number": port, "name": f"http-{port}", "protocol": "HTTP"}, "hosts": hosts}
    if tls is not None and gateway.tls_secret is not None:
        secure = {"mode": "SIMPLE", "credentialName": gateway.tls_secret}
        yield {"port": {"number": tls, "name": f"https-{tls}", "protocol": "HTTPS"}, "hosts": hosts, "tls": secure}


def _listeners(port: int, gateway: Gateway) -> Iterator[dict[str, Any]]:
    tls = tls_port(gateway, port)
    if tls != port or gateway.tls_secret is None:
        yield from _of_hosts(gateway, gateway.listener or f"http-{port}", {"port": port, "protocol": "HTTP"})
    if tls is not None and gateway.tls_secret is not None:
        secret = {"group": "", "kind": "Secret", "name": gateway.tls_secret}
        secure = {"port": tls, "protocol": "HTTPS", "tls": {"mode": "Terminate", "certificateRefs": [secret]}}
        yield from _of_hosts(gateway, gateway.tls_listener or f"https-{tls}", secure)


def _of_hosts(gateway: Gateway, name: str, what: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one listener for each host, or a single listener if the gateway serves all hosts."""
    common = {**what, "allowedRoutes": {"namespaces": {"from": "All"}}}
    if "*" in gateway.hosts or len(gateway.hosts) == 1:
        hostname = {} if "*" in gateway.hosts else {"hostname": gateway.hosts[0]}
        return [{"name": name, **hostname, **common}]
    return [{"name": f"{name}-{number}", "hostname": host, **common} for number, host in enumerate(gateway.hosts, 1)]
