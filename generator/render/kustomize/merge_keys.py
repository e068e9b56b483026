"""The lists that are merged item by item, by kind, and their merge keys.

Source: the `x-kubernetes-patch-merge-key` and `x-kubernetes-list-map-keys` of the Kubernetes API schema that kustomize
5.8 embeds (1.21), printed with kustomize's own parser. A kind that is not in it (autoscaling/v2, Istio, any custom
resource) has no keyed lists: its lists are replaced whole. The API server's lists in `metadata` (finalizers, owners)
are left out, because they are not written in Git.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

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
    """Return the keyed lists of an object's kind: path (`.spec.ports`, `.spec.template.spec.volumes`) -> merge keys."""
    return _KEYED.get((tree["apiVersion"], tree["kind"]), _NONE)


def identity(item: Any, keys: Keys) -> tuple[str | None, ...] | None:
    """Return the key values that identify an item, with None for a key that it lacks.

    None if the item lacks the first key or is no mapping.
    """
    if not isinstance(item, dict) or item.get(keys[0]) is None:
        return None
    return tuple(str(item[key]) if item.get(key) is not None else None for key in keys)


def find_ambiguous_item(items: Sequence[Any], keys: Keys) -> int | None:
    """Return the index of the first item that kustomize would lose, or None.

    It would lose an item without its key, and one that matches an earlier item.

    A missing second key matches any value: of the ports 53 and 53/UDP only one survives (kustomize 5.8.1).
    """
    key = keys[0]
    firsts = {str(value) for item in items if isinstance(item, dict) and (value := item.get(key)) is not None}
    if len(firsts) == len(items):
        return None  # all first keys differ: the usual case, short-cut because fleets are large
    found = [identity(item, keys) for item in items]
    if None in found:
        return found.index(None)
    pairs = ((i, j) for (i, one), (j, other) in combinations(enumerate(found), 2) if _alike(one, other))
    return min((j for _, j in pairs), default=None)


def _alike(one: Any, other: Any) -> bool:
    return all(a == b or a is None or b is None for a, b in zip(one, other, strict=True))


def find_lost_items(tree: Mapping[str, Any]) -> list[tuple[str | int, ...]]:
    """Return the paths of list items that kustomize would drop as soon as any patch touches the object."""
    return list(_ambiguous_below(tree, _nested(tree["apiVersion"], tree["kind"]), ()))


class _Level(Struct, frozen=True):
    """The keyed lists below one mapping: by field, the merge keys (None for a mapping) and the next level."""

    fields: dict[str, tuple[Keys | None, _Level]] = field(default_factory=dict)


@cache
def _nested(api_version: str, kind: str) -> _Level:
    top = _Level()
    for pattern, keys in _KEYED.get((api_version, kind), _NONE).items():
        level, steps = top, pattern.replace("[]", "").split(".")[1:]
        for step in steps[:-1]:
            level = level.fields.setdefault(step, (None, _Level()))[1]
        level.fields[steps[-1]] = keys, level.fields.get(steps[-1], (None, _Level()))[1]
    return top


def _ambiguous_below(
    node: Mapping[str, Any], level: _Level, path: tuple[str | int, ...]
) -> Iterator[tuple[str | int, ...]]:
    for name, (keys, below) in level.fields.items():
        value = node.get(name)
        if keys is None and isinstance(value, dict):
            yield from _ambiguous_below(value, below, (*path, name))
        elif keys is not None and isinstance(value, list):
            if (index := find_ambiguous_item(value, keys)) is not None:
                yield (*path, name, index)
            for position, item in enumerate(value) if below.fields else ():
                if isinstance(item, dict):
                    yield from _ambiguous_below(item, below, (*path, name, position))
