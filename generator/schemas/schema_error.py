"""A schema error, which a schema engine reports for one object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from msgspec import Struct

from generator.core.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterable


# A number or a word that YAML reads as true or false, where Kubernetes wants text, as in `env` and annotations.
_NO_STRING: Final = regex(r"found (?:true|false|-?[0-9.]+), expected string\Z")


class SchemaError(Struct, frozen=True):
    """An error in the object number `index`, at `path` (keys and list positions).

    Status `invalid`: the object violates the schema. Status `error`: it could not be validated, which does not mean
    that it is valid.
    """

    index: int
    path: tuple[str | int, ...]
    message: str
    status: Literal["invalid", "error"] = "invalid"

    @property
    def hint(self) -> str:
        """What to write, if the message shows it."""
        if _NO_STRING.match(self.message):
            return "put it in quotes: the API server takes only text here"
        return "the API server would reject this object"


def sort_schema_errors(findings: Iterable[SchemaError]) -> list[SchemaError]:
    """Return the schema errors without duplicates, sorted by object, path and message."""
    return sorted(set(findings), key=lambda one: (one.index, [_order(step) for step in one.path], one.message))


def resolve_path(tree: Any, steps: Iterable[str | int]) -> tuple[str | int, ...]:
    """Return the path of `steps` through `tree`: a string for a key of a mapping, an integer for a position in a list.

    Engines report paths as JSON pointers, in which the key "0" of a mapping looks like a position in a list.
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
    """Return the key of a mapping that a step refers to: jsonschema-rs reports the key "007" as the number 7."""
    if isinstance(step, str) or str(step) in tree:
        return str(step)
    return next((key for key in tree if key.isdecimal() and int(key) == step), str(step))


def _order(step: str | int) -> tuple[int, str]:
    return (step, "") if isinstance(step, int) else (-1, step)
