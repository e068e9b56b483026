"""Which lists of built-in kinds merge by a key in a strategic-merge patch, and by which.

Source: the `x-kubernetes-patch-merge-key` extensions of the Kubernetes OpenAPI document. Custom resources have none.
"""

from __future__ import annotations

from typing import Final

# By the list's name; where one name means different lists, by the name of the mapping that holds it.
_KEYS: Final[dict[str, str]] = {
    "containers": "name",
    "initContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "volumeDevices": "devicePath",
    "imagePullSecrets": "name",
    "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey",
    "secrets": "name",
}
_CONTAINER_PORTS: Final = "containerPort"
_SERVICE_PORTS: Final = "port"
_GROUPS: Final = ("", "apps", "autoscaling", "batch", "policy", "networking.k8s.io")


def built_in(api_version: str) -> bool:
    """Whether objects of this API group have merge keys at all."""
    return api_version.rpartition("/")[0] in _GROUPS


def merge_key(kind: str, path: tuple[str, ...]) -> str | None:
    """The merge key of the list at `path` (names only, list positions left out); None: replaced whole."""
    name = path[-1]
    if name == "ports":
        return _SERVICE_PORTS if kind == "Service" else _CONTAINER_PORTS
    return _KEYS.get(name)
