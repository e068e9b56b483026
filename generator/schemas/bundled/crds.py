"""Convert CustomResourceDefinitions to JSON Schemas, `<group>/<kind>_<version>.json`, as strict as the API server.

Unlike the usual converters, this one leaves objects that preserve unknown fields open, gives metadata its real schema
and closes the root, allows null for nullable values, and makes int-or-string one type. What JSON Schema
cannot express, rules in CEL and lists with keys, is kept beside it, with the defaults that apply before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.core.errors import ServegenError
from generator.core.regex import regex
from generator.schemas.bundled.kubernetes import bound

if TYPE_CHECKING:
    from collections.abc import Iterable

_OLD: Final = regex(r"\boldSelf\b")
_DROPPED: Final = frozenset({"description", "example", "externalDocs", "default", "nullable"})


def convert(documents: Iterable[Any], object_meta: dict[str, Any]) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Return the schema and the rules beside it by file name, for every served version of every definition."""
    out = {}
    for document in documents:
        if not isinstance(document, dict) or document.get("kind") != "CustomResourceDefinition":
            continue
        group, kind = document["spec"]["group"], document["spec"]["names"]["kind"]
        for version in document["spec"]["versions"]:
            if version["served"]:
                source = version["schema"]["openAPIV3Schema"]
                schema = _root(_converted(source, object_meta), f"{group}/{version['name']}", kind, object_meta)
                out[f"{group}/{kind.lower()}_{version['name'].lower()}.json"] = schema, _rules(source)
    return out


def _root(schema: dict[str, Any], api_version: str, kind: str, object_meta: dict[str, Any]) -> dict[str, Any]:
    properties = {
        **schema.get("properties", {}),
        "apiVersion": {"type": "string", "enum": [api_version]},
        "kind": {"type": "string", "enum": [kind]},
        "metadata": object_meta,
    }
    return {
        **schema,
        "$schema": "http://json-schema.org/draft-07/schema#",
        "properties": properties,
        "additionalProperties": schema.get("additionalProperties", False),
        "required": sorted({*schema.get("required", ()), "apiVersion", "kind", "metadata"}),
    }


def _converted(node: Any, object_meta: dict[str, Any]) -> Any:
    if not isinstance(node, dict):
        return node
    out = {
        key: _part(key, value, object_meta)
        for key, value in node.items()
        if key not in _DROPPED and not key.startswith("x-kubernetes-")
    }
    if node.get("x-kubernetes-int-or-string") or node.get("format") == "int-or-string":
        out.pop("anyOf", None)
        out.pop("format", None)
        out["type"] = ["integer", "string"]
    if node.get("x-kubernetes-preserve-unknown-fields"):
        out.pop("additionalProperties", None)
    elif "properties" in out and "additionalProperties" not in out:
        out["additionalProperties"] = False
    if node.get("x-kubernetes-embedded-resource"):
        text = {"type": "string"}
        out["properties"] = {"apiVersion": text, "kind": text, **out.get("properties", {}), "metadata": object_meta}
    out = bound(out)
    return _nullable(out) if node.get("nullable") and "type" in out else out


def _part(key: str, value: Any, object_meta: dict[str, Any]) -> Any:
    if key == "properties":
        return {name: _converted(schema, object_meta) for name, schema in value.items()}
    if key == "pattern":
        return _without_flag(value)
    if key in ("items", "not", "additionalProperties"):
        return _converted(value, object_meta)
    if key in ("allOf", "anyOf", "oneOf"):
        return [_restriction(item) for item in value]
    return value


def _without_flag(pattern: str) -> str:
    """Return a pattern of RE2 without its flag `(?i)`, which the expressions of JSON Schema do not have.

    Go evaluates the pattern of a definition. Both cases of each letter say the same, if no letter is in a class.
    """
    before, flag, rest = pattern.partition("(?i)")
    if not flag:
        return pattern
    if "[" in rest or "\\" in rest:
        raise ServegenError(f"no rule for the flag (?i) with a class: {pattern}")
    return before + "".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else c for c in rest)


def _restriction(node: Any) -> Any:
    """Return a schema of allOf, anyOf or oneOf without extensions and descriptions.

    Such a schema only restricts values. It must stay open, or it would reject the fields of the schemas beside it.
    """
    if isinstance(node, list):
        return [_restriction(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: {name: _restriction(item) for name, item in value.items()} if key == "properties" else _restriction(value)
        for key, value in node.items()
        if not key.startswith("x-kubernetes-") and key != "description"
    }


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    types = [schema["type"]] if isinstance(schema["type"], str) else list(schema["type"])
    out = {**schema, "type": [*types, "null"]}
    return {**out, "enum": [*schema["enum"], None]} if "enum" in schema else out


def _rules(node: Any) -> dict[str, Any]:
    """Return the rules in and below a schema: CEL with messages, keys of lists, base64, defaults; empty without any.

    Rules that compare with the value before (`oldSelf`) do not apply to a new object, and are left out.
    """
    if not isinstance(node, dict):
        return {}
    rules = [
        [rule["rule"], rule.get("message", "")]
        for rule in node.get("x-kubernetes-validations") or ()
        if not _OLD.search(rule["rule"])
    ]
    keys = node.get("x-kubernetes-list-map-keys") or ([] if node.get("x-kubernetes-list-type") == "set" else None)
    fields = {name: found for name, schema in node.get("properties", {}).items() if (found := _rules(schema))}
    parts = {
        "rules": rules or None,
        "keys": keys,
        "base64": node.get("format") == "byte" or None,
        "default": node.get("default"),
        "fields": fields or None,
        "items": _rules(node.get("items")) or None,
        "values": _rules(node.get("additionalProperties")) or None,
    }
    return {name: part for name, part in parts.items() if part is not None}
