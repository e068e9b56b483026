"""Short messages for the errors of jsonschema-rs: what was found, and what was expected."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from jsonschema_rs import ValidationErrorKind as Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jsonschema_rs import ValidationError

_LONGEST: Final = 120


def best(errors: Iterable[ValidationError]) -> list[ValidationError]:
    """Return the errors without those that only follow from another error.

    A value of the wrong type also violates every alternative of its schema, so only the type error is kept. If all
    alternatives of anyOf or oneOf fail, the error with the deepest path is kept.
    """
    found = [_leaf(error) for error in errors]
    wrong_type = {tuple(error.instance_path) for error in found if isinstance(error.kind, Kind.Type)}
    return [e for e in found if isinstance(e.kind, Kind.Type) or tuple(e.instance_path) not in wrong_type]


def message(error: ValidationError, schema: dict[str, Any]) -> str:
    """Return a one-line message for an error of an object that was validated against `schema`."""
    match error.kind:
        case Kind.Type(types=types):
            return f"found {_shown(error.instance)}, expected {_either(t for t in types if t != 'null')}"
        case Kind.Required(property=name):
            return f"found no {_shown(name)}, expected one"
        case Kind.AdditionalProperties(unexpected=names):
            return f"found {_listed(names)}, expected only keys that the schema knows"
        case Kind.Enum(options=options):
            return f"found {_shown(error.instance)}, expected {_either(map(_shown, options))}"
        case Kind.Pattern(pattern=pattern):
            return _short(f"found {_shown(error.instance)}, expected a text of the form {pattern}")
        case Kind.Format() | Kind.AnyOf() if formats := _formats(error):
            return f"found {_shown(error.instance)}, expected a text of the format {_either(formats)}"
        case Kind.OneOfMultipleValid() if names := _alternatives(schema, error.schema_path):
            present = [name for name in names if isinstance(error.instance, dict) and name in error.instance]
            return f"found {_listed(present)} together, expected one of {_listed(names)}"
        case _:
            return _short(error.message)


def _leaf(error: ValidationError) -> ValidationError:
    match error.kind:
        case Kind.AnyOf(context=branches) | Kind.OneOfNotValid(context=branches):
            leaves = [_leaf(inner) for branch in branches for inner in branch]
            deepest = max(leaves, key=lambda leaf: len(leaf.instance_path), default=error)
            # If no branch failed deeper than the alternatives themselves, no branch error is more specific.
            return deepest if len(deepest.instance_path) > len(error.instance_path) else error
        case _:
            return error


def _formats(error: ValidationError) -> list[str]:
    """Return the formats of which the value has none; empty if its alternatives are more than formats."""
    match error.kind:
        case Kind.Format(format=name):
            return [name]
        case Kind.AnyOf(context=branches):
            found = [_formats(inner) for branch in branches for inner in branch]
            return [name for names in found for name in names] if all(found) else []
        case _:
            return []


def _alternatives(schema: Any, path: Sequence[str | int]) -> list[str]:
    """Return the keys of which the `oneOf` at `path` requires one; empty if its alternatives have another form."""
    for step in path:
        if isinstance(schema, list) and isinstance(step, int):
            schema = schema[step]
        elif isinstance(schema, dict):
            schema = schema.get(str(step))
    branches = schema if isinstance(schema, list) else []
    return [name for branch in branches for name in branch.get("required", ())]


def _either(words: Iterable[str]) -> str:
    return _short(" or ".join(words))


def _listed(names: Iterable[str]) -> str:
    return _short(", ".join(map(_shown, names)))


def _shown(value: object) -> str:
    match value:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return _short(json.dumps(value, ensure_ascii=False))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
