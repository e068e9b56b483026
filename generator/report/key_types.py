"""The types and defaults of spec keys in words, from the JSON Schema that editors use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import NODEFAULT

from generator.spec.json_schema import json_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.spec.base import Spec, SpecField

_WORDS: Final = {
    "array": "list",
    "boolean": "true or false",
    "integer": "number",
    "number": "number",
    "object": "mapping",
    "string": "text",
}
_ANY: Final = "any value"


def type_in_words(model: type[Spec], key: str) -> str:
    """Return which values a key of a model takes, such as `number, text or mapping`, or the values themselves."""
    schema = json_schema(model)
    found = list(dict.fromkeys(_words(schema["properties"][key], schema.get("$defs", {}))))
    return " or ".join(filter(None, (", ".join(found[:-1]), found[-1]))) if found else _ANY


def default_in_words(field: SpecField, words: str) -> str:
    """Return the value that applies without the key, `required`, or nothing if the text of the key says it.

    `words` are those of the type: a number in place of a text is a duration in seconds, which its grammar has read.
    """
    value = field.default
    if field.is_required:
        return "required"
    if value in (None, NODEFAULT, ()):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return (", " if "list" in words else "-").join(map(str, value))
    return f"{value}s" if isinstance(value, int) and words == "text" else str(value)


def _words(schema: dict[str, Any], named: dict[str, Any]) -> Iterator[str]:
    if "$ref" in schema:
        yield from _words(named[schema["$ref"].rpartition("/")[2]], named)
    for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from _words(one, named)
    for value in (*schema.get("enum", ()), *([schema["const"]] if "const" in schema else ())):
        if value is not None:
            yield f"`{value}`"
    if "enum" not in schema and "const" not in schema:
        types = schema.get("type", ())
        yield from (_WORDS[one] for one in ([types] if isinstance(types, str) else types) if one != "null")
