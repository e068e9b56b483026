"""Two objects without what is equal in both, so that they differ in the same way and need fewer values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.review.kinds import ITEM, rules_of

if TYPE_CHECKING:
    from generator.render.engine.shapes import Tree
    from generator.review.kinds import KindRules, Pattern

# What identifies an object or an item, says how many pods there are, or decides about the fields beside it.
_KEPT: Final = frozenset(
    {
        *("apiVersion", "kind", "name", "namespace", "replicas", "size"),
        *("immutable", "serviceAccount", "serviceAccountName", "policyTypes", "egress"),
    }
)
# What contains some of these.
_ENTERED: Final = frozenset({"metadata", "leaderWorkerTemplate"})
_NAME: Final = ("name",)
_NOTHING: Final = object()


def narrow(before: Tree, after: Tree) -> tuple[Tree, Tree]:
    """Return two objects of a kind without what is equal in both and has no influence on what differs."""
    pair: tuple[Tree, Tree] = _narrow(before, after, (), rules_of(after["apiVersion"], after["kind"]))
    return pair


def _narrow(before: Any, after: Any, path: Pattern, rules: KindRules) -> tuple[Any, Any]:
    if isinstance(before, dict) and isinstance(after, dict):
        return _narrow_mappings(before, after, path, rules)
    if isinstance(before, list) and isinstance(after, list) and _have_same_names(before, after, path, rules):
        pairs = [_narrow(*items, (*path, ITEM), rules) for items in zip(before, after, strict=True)]
        return [one for one, _ in pairs], [other for _, other in pairs]
    return before, after


def _narrow_mappings(before: dict[str, Any], after: dict[str, Any], path: Pattern, rules: KindRules) -> tuple[Any, Any]:
    out: tuple[dict[str, Any], dict[str, Any]] = {}, {}
    for key in {**before, **after}:
        values = before.get(key, _NOTHING), after.get(key, _NOTHING)
        differs = not _is_same(*values)
        if differs or key in _KEPT or key in _ENTERED:
            narrowed = _narrow(*values, (*path, key), rules) if differs or key in _ENTERED else values
            for side, value in zip(out, narrowed, strict=True):
                if value is not _NOTHING:
                    side[key] = value
    return out


def _is_same(before: Any, after: Any) -> bool:
    return type(before) is type(after) and bool(before == after)


def _have_same_names(before: list[Any], after: list[Any], path: Pattern, rules: KindRules) -> bool:
    """Return whether the items of two lists are told apart by name alone, and are the same in the same order."""
    names = [[item.get("name") if isinstance(item, dict) else None for item in items] for items in (before, after)]
    known = all(isinstance(name, str) for name in names[0]) and len({*names[0]}) == len(names[0])
    return known and names[0] == names[1] and rules.lists.get(path, _NAME) == _NAME
