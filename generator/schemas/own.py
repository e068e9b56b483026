"""Check a repository's own schemas, in `templates/schemas/`, before an engine reads one.

A schema decides what is valid, so it must not come from elsewhere, replace a shipped one, or accept everything.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from generator.core import yaml as yamlio
from generator.core.finding import Finding, Position
from generator.core.regex import regex
from generator.schemas.catalogue import has_shipped_schema, is_kubernetes_group
from generator.spec.values.invalid_value import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.core.template_loader import TemplateLoader
    from generator.core.yaml import Path

FOLDER: Final = "schemas"
_ID: Final = "T03"
_REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")
_DRAFT: Final = regex(r"https?://json-schema\.org/(?:schema|draft-0[467]/schema|draft/20(?:19-09|20-12)/schema)#?\Z")
# Keywords by the schemas in them, and other keywords that refuse no value. Source: JSON Schema 2020-12
_ONE: Final = ("additionalProperties", "items", "contains", "unevaluatedProperties", "propertyNames", "if")
_LISTS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS: Final = ("properties", "patternProperties", "dependentSchemas")
_TEXTS: Final = ("$comment", "title", "description", "default", "examples", "format", "deprecated", "nullable")
_PLACES: Final = ("$schema", "$id", "id", "$anchor", "$defs", "definitions", "then", "else", "readOnly", "writeOnly")


def find_schema_mistakes(loader: TemplateLoader) -> list[Finding]:
    """Return the findings about the repository's own schemas."""
    return [finding for name in loader.files(FOLDER, ".json") for finding in _mistakes(name, loader.content(name))]


def _mistakes(name: str, raw: bytes) -> Iterator[Finding]:
    file = f"templates/{name}"
    group, _, stem = name.removeprefix(f"{FOLDER}/").removesuffix(".json").lower().rpartition("/")
    kind, _, version = stem.rpartition("_")
    if is_kubernetes_group(group) or has_shipped_schema(f"{group}/{stem}.json"):
        message = f"found a schema for {kind} of {group}/{version}, expected one of a kind whose schema is not shipped"
        hint = "remove this file; servegen ships the schemas of this group, and none can be replaced"
        yield Finding(_ID, message, Position(file), hint)
        return
    try:
        schema = json.loads(raw.decode("utf-8"))
    except json.JSONDecodeError as error:
        hint = "a schema is one JSON document"
        yield Finding(_ID, f"found no JSON: {error.msg}", Position(file, error.lineno, error.colno), hint)
    except (UnicodeDecodeError, RecursionError) as error:
        what = "text that is not UTF-8" if isinstance(error, UnicodeDecodeError) else "too deeply nested JSON"
        yield Finding(_ID, f"found {what}, expected a JSON document", Position(file), "a schema is one JSON document")
    else:
        yield from _of_schema(file, raw, schema)


def _of_schema(file: str, raw: bytes, schema: Any) -> Iterator[Finding]:
    if not _constrains({key: value for key, value in schema.items() if key != "type"} if _is_map(schema) else schema):
        message = "found a schema that accepts every object, expected one that checks some keys"
        yield Finding(_ID, message, Position(file), "write the `properties` of the kind, or remove this file")
    document = None
    for path, value in _foreign(schema, ()):
        document = document or yamlio.read(raw, file)[0]  # JSON is YAML; its reader knows positions
        position = document.position(path) if document is not None else Position(file)
        if path[-1] == "$schema":
            message = f"found the dialect {quote(value)}, expected a draft of json-schema.org"
            hint = "for example https://json-schema.org/draft/2020-12/schema"
        else:
            message = f"found the reference {quote(value)}, expected one within the file, such as #/definitions/name"
            hint = "copy what it refers to into `definitions` of this file; nothing is fetched"
        yield Finding(_ID, message, position, hint)


def _foreign(node: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the references and dialects that another file or server would have to provide."""
    if _is_map(node):
        for key, value in node.items():
            if not isinstance(value, str):
                yield from _foreign(value, (*path, key))
            elif (key in _REFERENCES and value != "#" and not value.startswith("#/")) or (
                key == "$schema" and not _DRAFT.match(value)
            ):
                yield (*path, key), value
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _foreign(item, (*path, index))


def _constrains(schema: Any) -> bool:
    """Return whether a schema refuses any value."""
    if not _is_map(schema):
        return schema is False
    inner = [schema.get(key, True) for key in _ONE]
    inner += [item for key in _LISTS if isinstance(schema.get(key), list) for item in schema[key]]
    inner += [item for key in _MAPS if _is_map(schema.get(key)) for item in schema[key].values()]
    known = (*_ONE, *_LISTS, *_MAPS, *_TEXTS, *_PLACES)
    others = (value for key, value in schema.items() if key not in known and not key.startswith("x-"))
    return any(map(_constrains, inner)) or any(value not in ([], {}, 0) for value in others)


def _is_map(node: Any) -> bool:
    return isinstance(node, dict)
