"""Lists that Kubernetes replaces as a whole, in the patches of users: what such a list would drop.

A strategic merge patch of `tolerations` replaces what servegen wrote for the nodes of a card. So the items of lists
whose items have a name are merged by it, as in the lists that have a merge key: tolerations, the metrics of an
autoscaler, and the sources of variables. A patch of another list drops the items that it does not repeat. That is
reported, unless the list starts with `$patch: replace`, which says that it is meant.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.render.kustomize.merge_keys import keyed_lists

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping

    from generator.core.yaml import Path
    from generator.render.kustomize.merge_keys import Keys

_DIRECTIVE: Final = "$patch"
_REPLACE: Final = {_DIRECTIVE: "replace"}
# The fields by which the API server compares two tolerations.
_TOLERATION: Final = ("key", "operator", "value", "effect")
# Lists that are one value: arguments, and the pace of an autoscaler, whose policies apply together.
_VALUES: Final = frozenset({"args", "command", "policies"})


class DroppedItems(Struct, frozen=True):
    """Items of an object's list that a patch drops by replacing the list at `path`, a path inside the patch."""

    path: Path
    items: tuple[Any, ...]


@dataclass(slots=True)
class CompletePatch:
    """A patch with whole lists: `patch` has the result of each list that is merged by name.

    `missed` are the paths of items to delete that the object does not have.
    """

    tree: Mapping[str, Any]
    dropped: list[DroppedItems] = field(default_factory=list)
    missed: list[Path] = field(default_factory=list)
    patch: dict[str, Any] = field(init=False)

    @classmethod
    def of(cls, tree: Mapping[str, Any], patch: dict[str, Any]) -> CompletePatch:
        """Return the complete form of a patch of an object."""
        made = cls(tree)
        made.patch = made._map(tree, patch, (), "", keyed_lists(tree))
        return made

    def _map(
        self, old: Mapping[str, Any], new: dict[str, Any], path: Path, pattern: str, keyed: Mapping[str, Keys]
    ) -> dict[str, Any]:
        if _DIRECTIVE in new:
            return new
        out: dict[str, Any] = {}
        for key, value in new.items():
            before, at, below = old.get(key), (*path, key), f"{pattern}.{key}"
            if isinstance(value, dict) and isinstance(before, dict | None):
                out[key] = self._map(before or {}, value, at, below, keyed)
            elif isinstance(value, list) and isinstance(before, list | None):
                out[key] = self._list(before or [], value, at, below, keyed)
            else:
                out[key] = value
        return out

    def _list(self, old: list[Any], new: list[Any], path: Path, pattern: str, keyed: Mapping[str, Keys]) -> list[Any]:
        keys = keyed.get(pattern)
        if keys is not None:
            return self._keyed(old, new, path, pattern, keyed, keys[0]) if len(keys) == 1 else new
        if new and new[0] == _REPLACE:
            return new[1:]
        name = next((name for end, name in _NAMES.items() if pattern.endswith(end)), None)
        if name is not None and all(isinstance(item, dict) for item in (*old, *new)):
            return self._named(old, new, path, name)
        dropped = tuple(item for item in old if item not in new)
        if dropped and path[-1] not in _VALUES:
            self.dropped.append(DroppedItems(path, dropped))
        return new

    def _keyed(
        self, old: list[Any], new: list[Any], path: Path, pattern: str, keyed: Mapping[str, Keys], key: str
    ) -> list[Any]:
        known = {str(item.get(key)): item for item in old if isinstance(item, dict)}
        return [
            self._map(known[str(item.get(key))], item, (*path, index), f"{pattern}[]", keyed)
            if isinstance(item, dict) and str(item.get(key)) in known
            else item
            for index, item in enumerate(new)
        ]

    def _named(
        self, old: list[Any], new: list[Any], path: Path, name: Callable[[dict[str, Any]], Hashable]
    ) -> list[Any]:
        out = {name(item): item for item in old}
        for index, item in enumerate(new):
            if item.get(_DIRECTIVE) != "delete":
                out[name(item)] = item
            elif out.pop(name(item), None) is None:
                self.missed.append((*path, index))
        return list(out.values())


def describe_item(item: Any) -> str:
    """Return an item of a list in one line, for a message."""
    return " ".join(_words(item))


def _words(node: Any) -> Iterator[str]:
    if isinstance(node, dict | list):
        for value in node.values() if isinstance(node, dict) else node:
            yield from _words(value)
    else:
        yield str(node)


def _toleration(item: dict[str, Any]) -> Hashable:
    return tuple(str(value) for value in ({"operator": "Equal", "value": "", **item}.get(key) for key in _TOLERATION))


def _metric(item: dict[str, Any]) -> Hashable:
    kind = str(item.get("type"))
    source = item.get(kind[:1].lower() + kind[1:])
    source = source if isinstance(source, dict) else {}
    metric = source.get("metric")
    return kind, str(source.get("name")), str(source.get("container")), str(metric)


def _source(item: dict[str, Any]) -> Hashable:
    return str(item.get("prefix")), str(item.get("configMapRef")), str(item.get("secretRef"))


# Lists without a merge key whose items have a name, by the end of their path.
_NAMES: Final[Mapping[str, Callable[[dict[str, Any]], Hashable]]] = {
    ".spec.template.spec.tolerations": _toleration,
    ".spec.template.spec.containers[].envFrom": _source,
    ".spec.template.spec.initContainers[].envFrom": _source,
    ".spec.metrics": _metric,
}
