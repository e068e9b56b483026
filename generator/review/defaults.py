"""Defaults that an API server takes from other fields of an object, and fields that give way to others.

Source: SetDefaults_Service and SetDefaults_NetworkPolicy in pkg/apis of Kubernetes; Convert_v1_PodSpec_To_core_PodSpec.
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
        case "apps/v1", _:
            return _with_one_account(tree, spec)
        case _:
            return tree


def _with_one_account(tree: Tree, spec: dict[str, Any]) -> Tree:
    """Return a workload without the older name of `serviceAccountName`, which wins."""
    template = spec.get("template")
    pod = template.get("spec") if isinstance(template, dict) else None
    if not isinstance(pod, dict) or "serviceAccount" not in pod or not pod.get("serviceAccountName"):
        return tree
    kept = {key: value for key, value in pod.items() if key != "serviceAccount"}
    return {**tree, "spec": {**spec, "template": {**spec["template"], "spec": kept}}}


def _with_target_ports(tree: Tree, spec: dict[str, Any]) -> Tree:
    ports = spec.get("ports")
    if not isinstance(ports, list) or all(isinstance(port, dict) and port.get("targetPort") for port in ports):
        return tree
    filled = [
        {**port, "targetPort": port.get("targetPort") or port.get("port")} if isinstance(port, dict) else port
        for port in ports
    ]
    return {**tree, "spec": {**spec, "ports": filled}}
