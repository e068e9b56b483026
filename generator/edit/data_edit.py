"""Compute the data that a spec file must hold after an edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.core.yaml import EMPTY, dump

if TYPE_CHECKING:
    Keys = tuple[str, ...]


def plain(value: object) -> object:
    """Return a value in the form that the YAML reader returns it: numbers are strings."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return dump(value).rstrip() if isinstance(value, int | float) else value


def nest(path: Keys, value: object) -> Any:
    """Return nested mappings of one key each, with `value` at `path`."""
    for key in reversed(path):
        value = {key: value}
    return value


def with_value(data: Any, path: Keys, value: object) -> Any:
    """Return the data with `value` at `path`; return `data` itself if a parent of `path` is not a mapping."""
    if not path:
        return value
    if data is EMPTY or data is None:
        return nest(path, value)
    if not isinstance(data, dict):
        return data
    inner = data.get(path[0], EMPTY)
    changed = with_value(inner, path[1:], value)
    return data if changed is inner and len(path) > 1 else {**data, path[0]: changed}


def without(data: Any, path: Keys, emptied: object) -> Any:
    """Return the data without the existing key at `path`; `emptied` replaces a mapping that loses its only key."""
    if len(path) > 1:
        return {**data, path[0]: without(data[path[0]], path[1:], emptied)}
    return {key: value for key, value in data.items() if key != path[0]} or emptied


def value_at(data: Any, path: Keys) -> Any:
    """Return the value at `path`, which must exist."""
    for key in path:
        data = data[key]
    return data


def has(data: Any, path: Keys) -> bool:
    """Whether the data has a value at `path`."""
    for key in path:
        if not isinstance(data, dict) or key not in data:
            return False
        data = data[key]
    return True
