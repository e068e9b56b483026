"""What a mesh has beside the fleet: kinds, a gateway, and a marker route that shows which revision has arrived."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.support.fleets import PLATFORM
from tests.support.one_app import gateway_api_platform

if TYPE_CHECKING:
    from collections.abc import Callable

Tree = dict[str, Any]

GATEWAYS: Final = {80: "serving", 8080: "serving-8080"}
"""The name in istio-system of each port's gateway, as in the platform file."""
MARKER: Final = "revision.rig.example.com"
"""The host of the marker route, which redirects to the revision of the routes as a path."""
LABELS: Final = {"istio": "ingressgateway"}
"""The labels of the gateway's pods."""
LISTENERS: Final = {80: "first", 8080: "second"}
"""The name of each port's listener in the Gateway API, where the gateway `serving` has both ports."""
MANAGED: Final = ("managed", "managed-8080")
"""Gateways of the Gateway API in istio-system that a fleet may have: the Services that Istio makes for them exist."""
GATEWAY_API: Final = "gateway.networking.k8s.io/v1"

_ISTIO: Final = "networking.istio.io/v1"
_HERE: Final = "127.0.0.1"
_BUNDLE: Final = "gateway.networking.k8s.io/bundle-version"


@dataclass(frozen=True, slots=True)
class Mesh:
    """How the control plane receives gateways and routes.

    `objects` returns the objects of the gateway, given the local port of each gateway port; `marker` returns the route
    that shows which revision of the routes a port uses; `routes` are the kinds of a fleet's routes; `pilot` is the
    environment of the control plane; `platform` is the platform file of a fleet behind these gateways.
    """

    name: str
    platform: str
    objects: Callable[[dict[int, int]], list[Tree]]
    marker: Callable[[int], Tree]
    routes: tuple[str, ...]
    pilot: dict[str, str]

    def __str__(self) -> str:
        """The name, which is also the id of a parametrized test."""
        return self.name


def _of_istio(ports: dict[int, int]) -> list[Tree]:
    kinds = [
        _resource_definition("networking.istio.io", kind) for kind in ("VirtualService", "DestinationRule", "Gateway")
    ]
    gateways = [
        _tree(
            _ISTIO,
            "Gateway",
            name,
            {
                "selector": LABELS,
                "servers": [
                    {
                        "port": {"number": port, "name": f"http-{port}", "protocol": "HTTP"},
                        "hosts": ["*"],
                        "bind": _HERE,
                    }
                ],
            },
        )
        for port, name in GATEWAYS.items()
    ]
    return [*kinds, _service("gateway", ports), *gateways]


def _of_the_gateway_api(ports: dict[int, int]) -> list[Tree]:
    kinds = [
        _resource_definition("networking.istio.io", "EnvoyFilter"),
        *(_resource_definition("gateway.networking.k8s.io", kind) for kind in ("GatewayClass", "Gateway", "HTTPRoute")),
    ]
    services = [_service(name, ports) for name in ("gateway", *(f"{name}-istio" for name in MANAGED))]
    return [*kinds, *services, _loopback(), _gateway_class(), _gateway()]


def _gateway_class() -> Tree:
    spec = {"controllerName": "istio.io/gateway-controller"}
    return {"apiVersion": GATEWAY_API, "kind": "GatewayClass", "metadata": {"name": "istio"}, "spec": spec}


def _gateway() -> Tree:
    """Return one gateway with both ports. Its address tells Istio that its pods exist already."""
    listeners = [
        {"name": name, "port": port, "protocol": "HTTP", "allowedRoutes": {"namespaces": {"from": "All"}}}
        for port, name in LISTENERS.items()
    ]
    address = {"type": "Hostname", "value": "gateway.istio-system.svc.cluster.local"}
    return _tree(
        GATEWAY_API, "Gateway", "serving", {"gatewayClassName": "istio", "addresses": [address], "listeners": listeners}
    )


def _loopback() -> Tree:
    """Bind the gateway's ports to the loopback device: a Gateway of the Gateway API cannot specify the address."""
    patch = {
        "applyTo": "LISTENER",
        "match": {"context": "GATEWAY"},
        "patch": {"operation": "MERGE", "value": {"address": {"socketAddress": {"address": _HERE}}}},
    }
    return _tree("networking.istio.io/v1alpha3", "EnvoyFilter", "loopback", {"configPatches": [patch]})


def _service(name: str, ports: dict[int, int]) -> Tree:
    entries = [
        {"name": f"http-{port}", "port": port, "targetPort": listens, "protocol": "TCP"}
        for port, listens in ports.items()
    ]
    return _tree("v1", "Service", name, {"selector": LABELS, "ports": entries})


def _resource_definition(group: str, kind: str) -> Tree:
    plural = f"{kind.lower()}{'es' if kind.endswith('s') else 's'}"
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        # Istio ignores kinds of the Gateway API that are older than itself, or do not state their version.
        "metadata": {"name": f"{plural}.{group}", "annotations": {_BUNDLE: "v1.6.0"}},
        "spec": {
            "group": group,
            "names": {"kind": kind, "plural": plural},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True}],
        },
    }


def _virtual_service(revision: int) -> Tree:
    spec = {
        "hosts": [MARKER],
        "gateways": [f"istio-system/{name}" for name in GATEWAYS.values()],
        "http": [{"redirect": {"uri": f"/{revision}", "redirectCode": 302}}],
    }
    return _tree(_ISTIO, "VirtualService", "revision", spec)


def _http_route(revision: int) -> Tree:
    redirect = {"path": {"type": "ReplaceFullPath", "replaceFullPath": f"/{revision}"}, "statusCode": 302}
    spec = {
        "parentRefs": [{"name": "serving"}],
        "hostnames": [MARKER],
        "rules": [{"filters": [{"type": "RequestRedirect", "requestRedirect": redirect}]}],
    }
    return _tree(GATEWAY_API, "HTTPRoute", "revision", spec)


def _tree(version: str, kind: str, name: str, spec: Tree) -> Tree:
    metadata = {"name": name, "namespace": "istio-system"}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


OF_ISTIO: Final = Mesh(
    name="istio",
    platform=PLATFORM,
    objects=_of_istio,
    marker=_virtual_service,
    routes=("Gateway", "VirtualService", "DestinationRule"),
    pilot={"PILOT_ENABLE_GATEWAY_API": "false"},
)
OF_THE_GATEWAY_API: Final = Mesh(
    name="gateway-api",
    # The first listener is selected by port, the second by name.
    platform=gateway_api_platform(
        '{"80": istio-system/serving, "8080": {name: istio-system/serving, listener: second}}'
    ),
    objects=_of_the_gateway_api,
    marker=_http_route,
    routes=("Gateway", "HTTPRoute"),
    pilot={
        "PILOT_ENABLE_GATEWAY_API": "true",
        "PILOT_ENABLE_GATEWAY_API_STATUS": "true",
        "PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER": "false",
        "PILOT_ENABLE_GATEWAY_API_GATEWAYCLASS_CONTROLLER": "false",
    },
)
