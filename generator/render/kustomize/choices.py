"""Fields that exclude each other, by kind: a patch that chooses one of them drops the others.

kustomize keeps all of them, and the API server refuses the object; `kubectl apply` drops what is left out. Source: the
patch strategy `retainKeys` in Kubernetes' API schema, and its validation (pkg/apis/core/validation) for those that have
no such strategy.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PROBE_ACTIONS: Final = ("exec", "httpGet", "tcpSocket", "grpc")
HOOK_ACTIONS: Final = ("exec", "httpGet", "tcpSocket", "sleep")
VALUE_SOURCES: Final = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
BUDGET_BOUNDS: Final = ("minAvailable", "maxUnavailable")
VOLUME_SOURCES: Final = (
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "gitRepo",
    "glusterfs",
    "hostPath",
    "image",
    "iscsi",
    "nfs",
    "persistentVolumeClaim",
    "photonPersistentDisk",
    "portworxVolume",
    "projected",
    "quobyte",
    "rbd",
    "scaleIO",
    "secret",
    "storageos",
    "vsphereVolume",
)
_CONTAINER: Final[Mapping[str, tuple[str, ...]]] = {
    **{f".{probe}": PROBE_ACTIONS for probe in ("livenessProbe", "readinessProbe", "startupProbe")},
    **{f".lifecycle.{hook}": HOOK_ACTIONS for hook in ("postStart", "preStop")},
    ".env[]": ("value", "valueFrom"),
    ".env[].valueFrom": VALUE_SOURCES,
}
_POD: Final[Mapping[str, tuple[str, ...]]] = {
    ".volumes[]": VOLUME_SOURCES,
    **{f".{group}[]{path}": names for group in ("containers", "initContainers") for path, names in _CONTAINER.items()},
}
_WORKLOADS: Final = frozenset({"DaemonSet", "Deployment", "Job", "StatefulSet"})
# Fields that only one value of another field allows: the path of both, that field, its value, the dependent field.
_DEPENDENT: Final[Mapping[str, tuple[str, str, str]]] = {
    ".spec.strategy": ("type", "RollingUpdate", "rollingUpdate"),
    ".spec.updateStrategy": ("type", "RollingUpdate", "rollingUpdate"),
}


def other_choices(kind: str, pattern: str, patch: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields that a patch of the mapping at `pattern` displaces, since it sets one that excludes them."""
    names = _choices(kind).get(pattern)
    if names is not None and any(patch.get(name) is not None for name in names):
        yield from (name for name in names if name not in patch)
    elif kind in _WORKLOADS and pattern in _DEPENDENT:
        field, value, dependent = _DEPENDENT[pattern]
        if patch.get(field) not in (None, value) and dependent not in patch:
            yield dependent


@cache
def _choices(kind: str) -> Mapping[str, tuple[str, ...]]:
    """Return the fields of which an object may have one, by the pattern of the mapping that holds them."""
    if kind in _WORKLOADS:
        return {f".spec.template.spec{path}": names for path, names in _POD.items()}
    return {".spec": BUDGET_BOUNDS} if kind == "PodDisruptionBudget" else {}
