"""The rules of `kinds.json`: which fields of a kind cannot change, which restart pods, which values are defaults."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from generator.render.kustomize.merge_keys import keyed_lists

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.render.engine.shapes import Tree

Pattern = tuple[str, ...]

ITEM: Final = "[]"
_CONTAINERS: Final = ("spec.containers.[]", "spec.initContainers.[]")
_PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")


class KindRules(Struct, frozen=True):
    """The rules of one kind; `built_in` is whether Kubernetes itself decodes it, so that some values are equal.

    Below `immutable` only `mutable` may change; of what `grows`, only to more. `sealed` is what cannot change while
    the object has `immutable: true`. Where it is `empty`, a value is as if it were absent. `lists` are the keys of
    lists that are compared item by item, and `defaults` the values that an API server gives to absent fields.
    """

    immutable: tuple[Pattern, ...] = ()
    mutable: tuple[Pattern, ...] = ()
    grows: tuple[Pattern, ...] = ()
    sealed: tuple[Pattern, ...] = ()
    restart: tuple[Pattern, ...] = ()
    capacity: tuple[Pattern, ...] = ()
    route: tuple[Pattern, ...] = ()
    empty: tuple[Pattern, ...] = ()
    built_in: bool = False
    lists: Mapping[Pattern, tuple[str, ...]] = field(default_factory=dict)
    defaults: Mapping[Pattern, Any] = field(default_factory=dict)

    def may_be_empty(self, path: Pattern) -> bool:
        """Return whether an empty value at a path means the same as none."""
        return self.built_in and (path[-1:] in _empty_keys() or path in self.empty)


def group_kind(tree: Tree) -> str:
    """Return the group and the kind of an object, as in `apps/Deployment`; the core group has no name."""
    group, slash, _ = tree["apiVersion"].partition("/")
    return f"{group}/{tree['kind']}" if slash else str(tree["kind"])


@cache
def rules_of(api_version: str, kind: str) -> KindRules:
    """Return the rules of a kind; those of a kind that has none are empty."""
    tree = {"apiVersion": api_version, "kind": kind}
    table = _tables()["kinds"].get(group_kind(tree), {})
    names = ("immutable", "mutable", "grows", "sealed", "restart", "capacity", "route")
    merged = {_pattern(path.replace("[]", ".[]")[1:]): keys for path, keys in keyed_lists(tree).items()}
    return KindRules(
        **{name: tuple(map(_pattern, table.get(name, ()))) for name in names},
        empty=(*map(_pattern, table.get("empty", ())), *_in_pod(table.get("pod"), "empty")),
        built_in=api_version.rpartition("/")[0] in _tables()["built_in_groups"],
        lists=merged | {_pattern(path): tuple(keys) for path, keys in table.get("lists", {}).items()},
        defaults=_patterns(table.get("defaults", {})) | _in_pod(table.get("pod"), "defaults"),
    )


def below(path: Pattern, patterns: Iterable[Pattern]) -> bool:
    """Return whether a path is at or below one of these patterns, or has one of them below it."""
    return any(all(step in ("*", own) for step, own in zip(pattern, path, strict=False)) for pattern in patterns)


@cache
def _tables() -> dict[str, Any]:
    tables: dict[str, Any] = json.loads((Path(__file__).parent / "kinds.json").read_text(encoding="utf-8"))
    return tables


@cache
def _empty_keys() -> frozenset[Pattern]:
    return frozenset((key,) for key in _tables()["empty_is_absent"])


def _in_pod(pod: str | None, name: str) -> dict[Pattern, Any]:
    """Return the tables of this name for a pod or a pod template at this path, as one."""
    if pod is None:
        return {}
    out = _table_at(pod, f"pod_{name}")
    for container in _CONTAINERS:
        path = f"{pod}.{container}".strip(".")
        out |= _table_at(path, f"container_{name}")
        for probe in _PROBES:
            out |= _table_at(f"{path}.{probe}", f"probe_{name}")
    return _patterns(out)


def _table_at(path: str, name: str) -> dict[str, Any]:
    table = _tables()[name]
    return {f"{path}.{key}".strip("."): table[key] if isinstance(table, dict) else None for key in table}


def _patterns(table: Mapping[str, Any]) -> dict[Pattern, Any]:
    return {_pattern(path): value for path, value in table.items()}


def _pattern(path: str) -> Pattern:
    return tuple(path.split("."))
