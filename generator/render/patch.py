"""The difference of two renders as a strategic-merge patch that kustomize turns into exactly the second.

kustomize puts every patched item of a keyed list first, in the patch's order, and leaves the others behind it in the
base's order. So a list's patch names items in the truth's order, up to the point from which the rest follows by itself.
"""

from __future__ import annotations

from typing import Any, Final

from generator.render.merge_keys import built_in

Tree = dict[str, Any]
# Merged by name; their order matters to people and to Kubernetes ($(VAR) references, init order, "container 0").
_NAMED: Final = frozenset({"containers", "initContainers", "env"})
# Keyed in the API, replaced whole here: shorter than their deletions, and the order stays.
_REPLACED: Final = frozenset(
    {
        "volumes",
        "volumeMounts",
        "volumeDevices",
        "ports",
        "imagePullSecrets",
        "hostAliases",
        "topologySpreadConstraints",
        "secrets",
    }
)


def patch_for(base: Tree, truth: Tree) -> Tree | None:
    """The patch from `base` to `truth`, two renders of one object; None when they are equal."""
    difference = _mapping(base, truth, keyed=built_in(truth["apiVersion"]))
    if not difference:
        return None
    metadata = {"name": truth["metadata"]["name"], **difference.pop("metadata", {})}
    return {"apiVersion": truth["apiVersion"], "kind": truth["kind"], "metadata": metadata, **difference}


def _mapping(base: Tree, truth: Tree, *, keyed: bool) -> Tree:
    if any(_loses_quotes(base.get(key), value) for key, value in truth.items()):
        return {"$patch": "replace", **truth}
    out: Tree = {key: None for key in base if key not in truth}
    for key, value in truth.items():
        if key not in base:
            out[key] = value
        elif not same(base[key], value):
            out[key] = _value(key, base[key], value, keyed=keyed)
    return out


def _value(key: str, base: Any, truth: Any, *, keyed: bool) -> Any:
    if isinstance(base, dict) and isinstance(truth, dict):
        return _mapping(base, truth, keyed=keyed)
    if isinstance(base, list) and isinstance(truth, list) and keyed:
        if key in _NAMED:
            return _named(base, truth)
        if key in _REPLACED:
            return [{"$patch": "replace"}, *truth]
    return truth


def _named(base: list[Tree], truth: list[Tree]) -> list[Tree]:
    known = {item["name"]: item for item in base}
    kept = {item["name"] for item in truth}
    gone = [{"name": name, "$patch": "delete"} for name in known if name not in kept]
    head = truth[: _changed_up_to(base, truth, kept)]
    return [*(_item(known.get(item["name"]), item) for item in head), *gone]


def _changed_up_to(base: list[Tree], truth: list[Tree], kept: set[str]) -> int:
    """How many items of the truth a patch must name: those behind it stay as they are, in the base's order."""
    rest = [item for item in base if item["name"] in kept]
    count = len(truth)
    while count and rest and same(rest[-1], truth[count - 1]):
        rest.pop()
        count -= 1
    return count


def _item(base: Tree | None, truth: Tree) -> Tree:
    if base is None:
        return truth
    return {"name": truth["name"], **_mapping(base, truth, keyed=True)}


def _loses_quotes(base: Any, truth: Any) -> bool:
    """kustomize keeps the quotes of a text that becomes a number or a boolean."""
    return isinstance(base, str) and isinstance(truth, int | float)


def same(one: Any, other: Any) -> bool:
    """Equal, with the types of the leaves: 1 is not true. The order of keys does not count, that of lists does."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)
