"""Random strategic-merge patches: an object of the same kind, with nulls and directives strewn in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from generator.render.mergekeys import keyed_lists
from tests.render.manifests import PAIRS

if TYPE_CHECKING:
    from collections.abc import Mapping

# Numbers in one object and texts in another: kustomize gives the new value the quotes of the old one, which has no
# meaning for a patch that is merged in memory.
_MIXED = {"port", "cpu", "maxSurge"}
_CHANCE = st.integers(0, 11)


@st.composite
def _patched(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    target, other = draw(PAIRS)
    target, other = _plain(target), _plain(other)
    return target, _Strewing(draw, keyed_lists(target)).map(other, "")


PATCHED = _patched()
"""An object, and a patch for it."""


def _plain(node: Any, key: str = "") -> Any:
    """The same, without values whose outcome in kustomize depends on how the old value is quoted."""
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

    def one_in_twelve(self) -> bool:
        return self.draw(_CHANCE) == 7

    def map(self, node: dict[str, Any], path: str) -> dict[str, Any]:
        out = {key: self.value(value, f"{path}.{key}") for key, value in node.items()}
        if path and self.one_in_twelve():
            out["$patch"] = self.draw(st.sampled_from(["merge", "replace", "delete"]))
        return out

    def value(self, node: Any, path: str) -> Any:
        if path not in (".apiVersion", ".kind", ".metadata", ".metadata.name") and self.one_in_twelve():
            return None
        if isinstance(node, dict):
            return self.map(node, path)
        keys = self.keyed.get(path)
        if isinstance(node, list) and keys is not None:
            return self.items(node, keys, path)
        return node

    def items(self, nodes: list[Any], keys: tuple[str, ...], path: str) -> list[Any]:
        if self.one_in_twelve():
            return [{"$patch": self.draw(st.sampled_from(["merge", "replace", "delete"]))}, *nodes]
        return [self.item(node, keys, path) for node in nodes]

    def item(self, node: dict[str, Any], keys: tuple[str, ...], path: str) -> dict[str, Any]:
        own = {key: value for key, value in node.items() if key in keys}
        if self.draw(_CHANCE) < 2:
            return {**own, "$patch": "delete"}
        rest = {key: value for key, value in node.items() if key not in keys}
        return {**own, **{key: self.value(value, f"{path}[].{key}") for key, value in rest.items()}}
