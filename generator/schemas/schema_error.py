"""What a schema engine says about one object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class SchemaError:
    """A fault of the object number `index`, at `path` (keys and list positions).

    `invalid`: the schema refuses it. `error`: it could not be judged, which is never the same as valid.
    """

    index: int
    path: tuple[str | int, ...]
    message: str
    status: Literal["invalid", "error"] = "invalid"


def sort_schema_errors(findings: Iterable[SchemaError]) -> list[SchemaError]:
    """Each finding once, by object and place, in whatever order they came."""
    return sorted(set(findings), key=lambda one: (one.index, [_order(step) for step in one.path], one.message))


def resolve_path(tree: Any, steps: Iterable[str | int]) -> tuple[str | int, ...]:
    """The path of `steps` through `tree`: text where there is a map, a number where there is a list.

    Engines tell paths as JSON pointers, in which the key "0" of a map looks like a position in a list.
    """
    out: list[str | int] = []
    for step in steps:
        if isinstance(tree, list):
            out.append(int(step))
            tree = tree[int(step)]
        else:
            key = _key(tree, step) if isinstance(tree, dict) else str(step)
            out.append(key)
            tree = tree.get(key) if isinstance(tree, dict) else None
    return tuple(out)


def _key(tree: dict[str, Any], step: str | int) -> str:
    """The key of a map that a step means: jsonschema-rs tells "007" as the number 7."""
    if isinstance(step, str) or str(step) in tree:
        return str(step)
    return next((key for key in tree if key.isdecimal() and int(key) == step), str(step))


def _order(step: str | int) -> tuple[int, str]:
    return (step, "") if isinstance(step, int) else (-1, step)
