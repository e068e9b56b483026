"""What a mesh has beside the fleet: the kinds, the gateways, and a route by which the rig sees what has arrived."""

from __future__ import annotations

from typing import Any, Final

Tree = dict[str, Any]

GATEWAYS: Final = {80: "serving", 8080: "serving-8080"}
"""The Istio gateway of each port, as the platform file names them, in istio-system."""
MARKER: Final = "revision.rig.example.com"
"""The host that answers with the revision of the VirtualServices."""
LABELS: Final = {"istio": "ingressgateway"}
"""The labels of the gateway's pods."""

_NETWORKING: Final = "networking.istio.io/v1"


def mesh(ports: dict[int, int]) -> list[Tree]:
    """The kinds, and the gateway of each port: port -> where it listens."""
    kinds = [_resource_definition(kind) for kind in ("VirtualService", "DestinationRule", "Gateway")]
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "gateway", "namespace": "istio-system"},
        "spec": {
            "selector": LABELS,
            "ports": [
                {"name": f"http-{port}", "port": port, "targetPort": listens, "protocol": "TCP"}
                for port, listens in ports.items()
            ],
        },
    }
    gateways = [
        {
            "apiVersion": _NETWORKING,
            "kind": "Gateway",
            "metadata": {"name": name, "namespace": "istio-system"},
            "spec": {
                "selector": LABELS,
                "servers": [
                    {
                        "port": {"number": port, "name": f"http-{port}", "protocol": "HTTP"},
                        "hosts": ["*"],
                        "bind": "127.0.0.1",
                    }
                ],
            },
        }
        for port, name in GATEWAYS.items()
    ]
    return [*kinds, service, *gateways]


def _resource_definition(kind: str) -> Tree:
    plural = f"{kind.lower()}s"
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.networking.istio.io"},
        "spec": {
            "group": "networking.istio.io",
            "names": {"kind": kind, "plural": plural},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True}],
        },
    }


def marker(revision: int) -> Tree:
    """A route that says which revision of the VirtualServices a port works with."""
    return {
        "apiVersion": _NETWORKING,
        "kind": "VirtualService",
        "metadata": {"name": "revision", "namespace": "istio-system"},
        "spec": {
            "hosts": [MARKER],
            "gateways": [f"istio-system/{name}" for name in GATEWAYS.values()],
            "http": [{"directResponse": {"status": 200, "body": {"string": str(revision)}}}],
        },
    }
