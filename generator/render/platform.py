"""What belongs to a cluster and to no app: the Gateways that servegen manages, below `rendered/platform/<cluster>/`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.fleet import ClusterEntry
from generator.render.app import KUSTOMIZATION, ROOT, RenderedApp, TrueObject, documents, first_line
from generator.render.objects import with_namespace
from generator.views.route.istio import networking
from generator.views.service import MANAGED_BY

if TYPE_CHECKING:
    from generator.fleet import Fleet
    from generator.render.objects import ObjectRenderer
    from generator.render.shapes import Tree
    from generator.spec.gateway import Gateway
    from generator.spec.platform import Cluster

# By the word that a cluster says under `routing`.
_TEMPLATES: Final = {"istio": "platform/gateway-istio.yaml.j2", "gateway-api": "platform/gateway-api.yaml.j2"}


def render_platform(fleet: Fleet, objects: ObjectRenderer) -> RenderedApp:
    """The files and objects of all clusters that have any."""
    out = RenderedApp()
    for name, facts in fleet.platform.clusters.items():
        environment = next(
            (place.name for place in fleet.places.values() if place.name and place.cluster == name), None
        )
        managed: dict[str, dict[int, Gateway]] = {}
        for port, gateway in facts.gateways.items():
            if gateway.managed:
                managed.setdefault(gateway.name, {})[int(port)] = gateway
        if environment is None or not managed:
            continue
        trees = [_gateway(objects, facts, ports) for ports in managed.values()]
        entry = ClusterEntry(name, fleet.document)
        folder, first = f"{ROOT}/platform/{name}", first_line(fleet.document.file)
        kustomization = {**KUSTOMIZATION, "resources": ["gateways.yaml"]}
        out.files[f"{folder}/kustomization.yaml"] = first + documents([kustomization])
        out.files[f"{folder}/gateways.yaml"] = first + documents(trees)
        out.truth += [TrueObject(tree, environment, _TEMPLATES[facts.routing], entry) for tree in trees]
    return out


def _gateway(objects: ObjectRenderer, facts: Cluster, ports: dict[int, Gateway]) -> Tree:
    """One Gateway with its ports: both, where both have its name."""
    gateway = next(iter(ports.values()))
    namespace, _, name = gateway.name.partition("/")
    values: dict[str, Any] = {
        "name": name,
        "labels": MANAGED_BY,
        "api_version": networking(facts),
        "selector": gateway.selector,
        "class_name": gateway.class_name,
        "servers": [_server(port, entry) for port, entry in ports.items()],
        "listeners": [listener for port, entry in ports.items() for listener in _listeners(port, entry)],
    }
    tree = objects.renderer.tree(_TEMPLATES[facts.routing], {"gateway": values})
    assert tree is not None
    return with_namespace(tree, namespace)


def _server(port: int, gateway: Gateway) -> dict[str, Any]:
    return {"port": {"number": port, "name": f"http-{port}", "protocol": "HTTP"}, "hosts": [*gateway.hosts]}


def _listeners(port: int, gateway: Gateway) -> list[dict[str, Any]]:
    """One listener for each host; one alone where all hosts are served."""
    name = gateway.listener or f"http-{port}"
    common = {"port": port, "protocol": "HTTP", "allowedRoutes": {"namespaces": {"from": "All"}}}
    if "*" in gateway.hosts or len(gateway.hosts) == 1:
        hostname = {} if "*" in gateway.hosts else {"hostname": gateway.hosts[0]}
        return [{"name": name, **hostname, **common}]
    return [{"name": f"{name}-{number}", "hostname": host, **common} for number, host in enumerate(gateway.hosts, 1)]
