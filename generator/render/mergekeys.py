"""Which lists of which kinds are merged item by item, and by which fields.

Source: the `x-kubernetes-patch-merge-key` and `x-kubernetes-list-map-keys` of the Kubernetes API schema that
kustomize 5.8 carries (1.21), printed with its own reader. A kind that is not in it (autoscaling/v2, Istio, any custom
resource) has no keyed lists: its lists are replaced whole. The server's lists of `metadata` (finalizers, owners) are
left out: nobody writes them in Git.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Keys = tuple[str, ...]

_NAME: Final = ("name",)
_CONTAINER: Final[dict[str, Keys]] = {
    "env": _NAME,
    "ports": ("containerPort", "protocol"),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
}
_POD: Final[dict[str, Keys]] = {
    "containers": _NAME,
    "initContainers": _NAME,
    "volumes": _NAME,
    "imagePullSecrets": _NAME,
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    **{f"{group}[].{name}": keys for group in ("containers", "initContainers") for name, keys in _CONTAINER.items()},
}
_WORKLOAD: Final = {f".spec.template.spec.{path}": keys for path, keys in _POD.items()}
_KEYED: Final[dict[tuple[str, str], dict[str, Keys]]] = {
    ("apps/v1", "Deployment"): _WORKLOAD,
    ("apps/v1", "StatefulSet"): _WORKLOAD,
    ("apps/v1", "DaemonSet"): _WORKLOAD,
    ("batch/v1", "Job"): _WORKLOAD,
    ("v1", "Service"): {".spec.ports": ("port", "protocol")},
    ("v1", "ServiceAccount"): {".secrets": _NAME},
}
_NONE: Final[dict[str, Keys]] = {}


def keyed_lists(tree: Mapping[str, Any]) -> Mapping[str, Keys]:
    """The keyed lists of an object's kind: path (`.spec.ports`, `.spec.template.spec.volumes`) to keys."""
    return _KEYED.get((tree["apiVersion"], tree["kind"]), _NONE)


def identity(item: Any, keys: Keys) -> tuple[str | None, ...] | None:
    """The values by which an item is found, None for one that it lacks; None when it lacks the first or is no map."""
    if not isinstance(item, dict) or item.get(keys[0]) is None:
        return None
    return tuple(str(item[key]) if item.get(key) is not None else None for key in keys)


def ambiguous(items: Sequence[Any], keys: Keys) -> int | None:
    """The index of the first item that kustomize would lose: without its key, or taken for an earlier item.

    A missing second key matches any: of the ports 53 and 53/UDP only one survives (kustomize 5.8.1).
    """
    found = [identity(item, keys) for item in items]
    if None in found:
        return found.index(None)
    if len(keys) == 1:
        return (
            next((i for i, one in enumerate(found) if one in found[:i]), None) if len(set(found)) < len(found) else None
        )
    pairs = ((i, j) for (i, one), (j, other) in combinations(enumerate(found), 2) if _alike(one, other))
    return min((j for _, j in pairs), default=None)


def _alike(one: Any, other: Any) -> bool:
    return all(a == b or a is None or b is None for a, b in zip(one, other, strict=True))


def lost(tree: Mapping[str, Any]) -> list[tuple[str | int, ...]]:
    """The paths of list items that kustomize would drop as soon as any patch touches the object."""
    return [
        (*path, index)
        for pattern, keys in keyed_lists(tree).items()
        for path, items in _lists(tree, pattern.replace("[]", ".[]").split(".")[1:], ())
        if (index := ambiguous(items, keys)) is not None
    ]


def _lists(
    node: Any, steps: list[str], path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], list[Any]]]:
    if not steps:
        if isinstance(node, list):
            yield path, node
    elif steps[0] == "[]":
        if isinstance(node, list):
            for index, item in enumerate(node):
                yield from _lists(item, steps[1:], (*path, index))
    elif isinstance(node, dict) and steps[0] in node:
        yield from _lists(node[steps[0]], steps[1:], (*path, steps[0]))
