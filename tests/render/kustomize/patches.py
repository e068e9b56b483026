"""Random strategic-merge patches: an object of the same kind, with nulls and directives inserted at random."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from generator.render.kustomize.merge_keys import identity, keyed_lists
from tests.render.kustomize.manifests import PAIRS

if TYPE_CHECKING:
    from collections.abc import Mapping

# Numbers in one object and strings in another: kustomize gives the new value the quotes of the old one, which has no
# meaning for a patch that is merged in memory.
_MIXED = {"port", "cpu", "maxSurge"}
_IDENTITY = {".apiVersion", ".kind", ".metadata", ".metadata.name"}


@st.composite
def _patched(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    target, other = draw(PAIRS)
    target, other = _plain(target), _plain(other)
    return target, _Strewing(draw, keyed_lists(target)).map(target, other, "")


PATCHED = _patched()
"""An object, and a patch for it."""


def _plain(node: Any, key: str = "") -> Any:
    """Return the node without values whose result in kustomize depends on the quotes of the old value."""
    if isinstance(node, dict):
        return {name: _plain(value, name) for name, value in node.items()}
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if isinstance(node, str):
        return len(node) if key in _MIXED else node.lstrip()
    return node


class _Strewing:
    def __init__(self, draw: st.DrawFn, keyed: Mapping[str, tuple[str, ...]]) -> None:
        self.draw, self.keyed = draw, keyed

    def chance(self) -> bool:
        return self.draw(st.integers(0, 11)) == 7

    def directive(self) -> str:
        return self.draw(st.sampled_from(["merge", "replace", "delete"]))

    def map(self, old: Any, new: dict[str, Any], path: str) -> dict[str, Any]:
        old = old or {}
        out = {key: self.value(old.get(key), value, f"{path}.{key}") for key, value in new.items()}
        return {**out, "$patch": self.directive()} if path and self.chance() else out

    def value(self, old: Any, new: Any, path: str) -> Any:
        if path not in _IDENTITY and self.chance():
            return None
        if isinstance(new, dict):
            return self.map(old, new, path)
        keys = self.keyed.get(path)
        return self.items(old, new, keys, path) if keys is not None else new

    def items(self, old: Any, new: list[Any], keys: tuple[str, ...], path: str) -> list[Any]:
        # Only if the list exists: kustomize leaves the directive of a new list in its output.
        if old is not None and self.chance():
            return [{"$patch": self.directive()}, *new]
        known = {identity(item, keys): item for item in old or []}
        return [self.item(known.get(identity(item, keys)), item, keys, path) for item in new]

    def item(self, old: Any, new: dict[str, Any], keys: tuple[str, ...], path: str) -> dict[str, Any]:
        own = {key: value for key, value in new.items() if key in keys}
        if self.chance() or self.chance():
            return {**own, "$patch": "delete"}
        before = old or {}
        rest = {key: self.value(before.get(key), new[key], f"{path}[].{key}") for key in new if key not in keys}
        return {**own, **rest}
