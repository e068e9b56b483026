"""The refusals of an object by the tables, with a compiled validator for each kind."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema_rs
from jsonschema_rs import ValidationErrorKind as Kind

from generator.checks.api.kinds import table
from generator.checks.api.refusal import Refusal, show
from generator.checks.api.rules import FIELDS, RULE, Schema
from generator.schemas.schema_error import resolve_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.api.rules import Schema
    from generator.render.engine.shapes import SlotPath, Tree


class _Table(NamedTuple):
    schema: Schema
    validator: jsonschema_rs.Validator


def refusals_by_table(tree: Tree) -> Iterator[Refusal]:
    """Yield what the table of the object's kind refuses."""
    kind = _compiled(str(tree.get("apiVersion")), str(tree.get("kind")))
    if not kind.validator.is_valid(tree):
        for error in kind.validator.iter_errors(tree):
            yield from _refusals(tree, error, kind.schema)


@lru_cache(maxsize=256)
def _compiled(api_version: str, kind: str) -> _Table:
    schema = table(api_version, kind)
    return _Table(schema, jsonschema_rs.validator_for(schema))


def _refusals(tree: Tree, error: jsonschema_rs.ValidationError, schema: Schema) -> Iterator[Refusal]:
    broken = _rule_at(schema, error.schema_path)
    id, expected, hint = broken[RULE]
    path = resolve_path(tree, error.instance_path)
    match error.kind:
        case Kind.Required(property=name):
            yield Refusal(id, (*path, name), "nothing", expected, hint)
        case Kind.AdditionalProperties(unexpected=names):
            for name in names:
                yield Refusal(id, (*path, name), f"the key {show(name)}", expected, hint)
        case _:
            yield Refusal(id, path, _found(error.instance, path, broken.get(FIELDS)), expected, hint)


def _found(value: Any, path: SlotPath, choice: list[str] | None) -> str:
    if choice is not None:
        return " and ".join(name for name in choice if name in value) or "none"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return f"{len(value)} items"
    # A label may hold anything; its key says enough.
    return "a value of another form" if {"labels", "matchLabels"} & set(map(str, path[-2:-1])) else show(value)


def _rule_at(schema: Any, path: list[str | int]) -> Schema:
    """Return the innermost rule above the keyword that failed."""
    found: Schema = {}
    for step in path:
        if isinstance(schema, dict) and RULE in schema:
            found = schema
        schema = schema[step]
    return found
