"""The building blocks of the tables: JSON Schemas in which each rule says what it expects.

A rule is a schema with the key `x-rule`: its id, what it expects, and a hint; `x-fields` are the fields of which it
wants one. A rule says nothing about values of another type or about absent fields that the shipped schemas of
Kubernetes refuse, so that one mistake gives one finding.
"""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]
RULE: Final = "x-rule"
FIELDS: Final = "x-fields"
ONE_OF: Final = "O01"
BOUND: Final = "O02"
UNKNOWN_NAME: Final = "O03"
FORM: Final = "O04"
SIZE: Final = "O05"
RESOURCE: Final = "O06"
REPEATED: Final = "O07"
MISSING: Final = "O08"
CUSTOM: Final = "O09"


def rule(id: str, expected: str, hint: str = "", **keywords: Any) -> Schema:
    """Return a rule; without a hint of its own, its hint is to write what it expects."""
    return {**keywords, RULE: [id, expected, hint or f"write {expected}"]}


def fields(**properties: Schema) -> Schema:
    """Return a schema for a mapping with rules for some of its fields."""
    return {"properties": properties}


def items(schema: Schema) -> Schema:
    """Return a schema for a list with one rule for all items."""
    return {"items": schema}


def both(*schemas: Schema) -> Schema:
    """Return a schema of which every part must hold."""
    return {"allOf": list(schemas)}


def entries(key: Schema, value: Schema) -> Schema:
    """Return a schema for a mapping whose keys must match the pattern of one rule, and whose values another."""
    return {"patternProperties": {key["pattern"]: value}, "additionalProperties": False, RULE: key[RULE]}


def require_text(*names: str) -> Schema:
    """Return the rule that these fields are not empty texts; the shipped schemas say that they must be there."""
    text = {"anyOf": [{"not": {"type": "string"}}, {"minLength": 1}]}
    return fields(**dict.fromkeys(names, rule(MISSING, "a value that is not empty", "write a value", **text)))


def demand(*names: str) -> Schema:
    """Return the rule that a mapping must have these fields, not empty, although the shipped schemas do not say so."""
    return both(
        rule(MISSING, "a value", "write the field, or remove what needs it", required=list(names)), require_text(*names)
    )


def one_of(what: str, *names: str) -> Schema:
    """Return the rule that a mapping must have exactly one of these fields."""
    expected = f"exactly one of {_listed(names)}"
    choice = [{"required": [name]} for name in names]
    choose = rule(ONE_OF, f"{expected} as {what}", f"keep or write {expected}", oneOf=choice)
    return {"if": {"type": "object"}, "then": choose | {FIELDS: list(names)}}


def at_most_one(what: str, *names: str) -> Schema:
    """Return the rule that a mapping must not have two of these fields."""
    pairs = [{"required": [one, other]} for index, one in enumerate(names) for other in names[index + 1 :]]
    expected = f"only one of {_listed(names)} as {what}"
    hint = f"keep one of {_listed(names)}; in a patch, write null for the other"
    return rule(ONE_OF, expected, hint, **{"not": {"type": "object", "anyOf": pairs}}) | {FIELDS: list(names)}


def word(*words: str) -> Schema:
    """Return the rule for a field with a fixed set of values."""
    return rule(FORM, _listed(words), enum=[None, *words])


def word_or_default(*words: str) -> Schema:
    """Return the rule for a field with a fixed set of values, which has its default if it is empty."""
    return rule(FORM, _listed(words), enum=["", None, *words])


def number(lowest: int, highest: int | None = None) -> Schema:
    """Return the rule for a number in a range."""
    if highest is None:
        return rule(BOUND, f"{lowest} or more", f"write {lowest} or more", minimum=lowest)
    expected = f"a number from {lowest} to {highest}"
    return rule(BOUND, expected, minimum=lowest, maximum=highest)


def absent(why: str, *names: str, hint: str = "remove it") -> Schema:
    """Return the rule that a mapping must not have these fields."""
    return fields(**{name: rule(ONE_OF, f"no value {why}", hint, **{"not": {}}) for name in names})


def when(field: str, values: tuple[Any, ...], schema: Schema, *, otherwise: Schema | None = None) -> Schema:
    """Return a schema that holds where a field has one of some values (None: where it is absent)."""
    given = [{"required": [field], "properties": {field: {"enum": [v for v in values if v is not None]}}}]
    if None in values:
        given.append({"not": {"required": [field]}})
    return {"if": {"anyOf": given}, "then": schema, **({"else": otherwise} if otherwise is not None else {})}


def _listed(words: tuple[str, ...]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
