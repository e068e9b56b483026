"""The extension files that a spec names, in any of its layers."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from generator.spec.base import Spec, fields_of, find_nested_model
from generator.spec.keys import Extension, list_extensions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.core.yaml import Path


class Reference(NamedTuple):
    """One name of an extension file: its kind, the name, and the path of the key that contains it."""

    kind: Extension
    name: str
    path: Path


def find_references(spec: Spec, path: Path = ()) -> Iterator[Reference]:
    """Yield the extension files that a spec names; default values of keys that were not written are left out."""
    named, nested = _keys(type(spec))
    for key, kind in named:
        if key in spec.written and (name := getattr(spec, key)) is not None:
            yield Reference(kind, name, (*path, key))
    for key in nested:
        yield from _inside(getattr(spec, key), (*path, key))


def _inside(value: object, path: Path) -> Iterator[Reference]:
    if isinstance(value, Spec):
        yield from find_references(value, path)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _inside(item, (*path, name))


@cache
def _keys(model: type[Spec]) -> tuple[tuple[tuple[str, Extension], ...], tuple[str, ...]]:
    """Return the keys of a model that name extension files, and the keys below which there may be such keys."""
    nested = []
    for key, field in fields_of(model).items():
        inner = find_nested_model(field.annotation)
        if inner is not None and any(_keys(inner)):
            nested.append(key)
    return tuple(list_extensions(model)), tuple(nested)
