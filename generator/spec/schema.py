"""The JSON Schema of spec files, for editors: keys, types, examples, and the names that this repository knows."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from generator.spec import keys, option_schemas
from generator.spec.base import Spec, fields_of
from generator.spec.cards import PART_PATTERN, SHARED
from generator.spec.documentation import documentation
from generator.spec.json_schema import json_schema
from generator.spec.model import Model
from generator.spec.platform import Platform
from generator.spec.project import Project
from generator.spec.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.spec.keys import Extension
    from generator.spec.options import Option

KINDS: Final[dict[str, type[Spec]]] = {
    "platform": Platform,
    "project": Project,
    "model": Model,
    "service": Service,
}


def schema(
    kind: str,
    *,
    extensions: Mapping[Extension, Iterable[str]] | None = None,
    environments: Iterable[str] = (),
    cards: Iterable[str] = (),
    catalogue: Iterable[str] = (),
    servers: Mapping[str, Mapping[str, Option]] | None = None,
) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one kind of file; the given names become the values that an editor offers.

    `extensions` contains the names of the extension files by kind. `cards` are the cards of the clusters, for services;
    `catalogue` contains all cards that a platform may name. `servers` contains the options of each model server.
    """
    out = deepcopy(json_schema(KINDS[kind]))
    out["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    for model, properties in _models(out, KINDS[kind]):
        _describe(model, properties)
        _name_extensions(model, properties, extensions or {})
        if "options" in properties and kind != "service" and servers:
            described = {"description": properties["options"]["description"]}
            properties["options"] = described | option_schemas.of_any_type(servers)
    for definition in (out, *out.get("$defs", {}).values()):
        known = definition.get("properties", {})
        if "cards" in known and catalogue:
            names = sorted({*catalogue, *(f"{card}{SHARED}" for card in catalogue)})
            one = {"anyOf": [{"enum": names}, {"pattern": PART_PATTERN}]}
            if "card" in known:  # a node pool has a number of cards of one name
                known["card"] = {**known["card"], **one}
            else:
                known["cards"] = {**known["cards"], "items": one}
        if "gpu" in known and "cpu" in known:
            known["gpu"] = {**known["gpu"], "examples": [f"0.2({card})" for card in sorted(cards)] or ["1"]}
    if kind in ("service", "project") and environments:
        out["properties"]["environments"]["propertyNames"] = {"enum": sorted(environments)}
    if kind == "service" and servers:
        out["allOf"] = option_schemas.by_type(servers)
    return out


def _models(schema: dict[str, Any], top: type[Spec]) -> Iterator[tuple[type[Spec], dict[str, Any]]]:
    """Yield each model of a schema with its properties."""
    models = {model.__name__: model for model in _descendants(Spec)}
    for name, definition in {top.__name__: schema, **schema.get("$defs", {})}.items():
        if name in models:
            yield models[name], definition.get("properties", {})


def _describe(model: type[Spec], properties: dict[str, Any]) -> None:
    """Add the fields' documentation, which the models do not contain, and how layers combine."""
    texts = documentation(model)
    for field in properties.keys() & texts.keys():
        rule = keys.describe_merge(fields_of(model)[field])
        text = f"{texts[field]} Over layers: {rule}." if rule else texts[field]
        properties[field] = {"description": text, **properties[field]}


def _name_extensions(model: type[Spec], properties: dict[str, Any], known: Mapping[Extension, Iterable[str]]) -> None:
    """Restrict the keys that name an extension file to the names that exist."""
    for field, kind in keys.list_extensions(model):
        if names := sorted(known.get(kind, ())):
            nullable = "anyOf" in properties[field]
            rest = {key: value for key, value in properties[field].items() if key not in ("anyOf", "type")}
            allowed = {"anyOf": [{"enum": names}, {"type": "null"}]} if nullable else {"enum": names}
            properties[field] = rest | allowed


def _descendants(model: type[Spec]) -> Iterator[type[Spec]]:
    for child in model.__subclasses__():
        yield child
        yield from _descendants(child)
