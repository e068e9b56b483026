"""Defaults that an API server takes from other fields of an object.

Source: SetDefaults_Service and SetDefaults_NetworkPolicy in pkg/apis of Kubernetes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.render.engine.shapes import Tree


def fill(tree: Tree) -> Tree:
    """Return an object with the fields that an API server derives from others; the object itself if there are none."""
    spec = tree.get("spec")
    if not isinstance(spec, dict):
        return tree
    match tree["apiVersion"], tree["kind"]:
        case "v1", "Service":
            return _with_target_ports(tree, spec)
        case "networking.k8s.io/v1", "NetworkPolicy" if not spec.get("policyTypes"):
            types = ["Ingress", *(["Egress"] if spec.get("egress") else [])]
            return {**tree, "spec": {**spec, "policyTypes": types}}
        case _:
            return tree


def _with_target_ports(tree: Tree, spec: dict[str, Any]) -> Tree:
    ports = spec.get("ports")
    if not isinstance(ports, list) or all(isinstance(port, dict) and port.get("targetPort") for port in ports):
        return tree
    filled = [
        {**port, "targetPort": port.get("targetPort") or port.get("port")} if isinstance(port, dict) else port
        for port in ports
    ]
    return {**tree, "spec": {**spec, "ports": filled}}
