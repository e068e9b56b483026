"""The spec files as JSON Schema, for editors: keys, types, examples, and what this repository may name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.spec.base import Spec
from generator.spec.documentation import documentation
from generator.spec.model import Model
from generator.spec.platform import Platform
from generator.spec.project import Project
from generator.spec.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KINDS: Final[dict[str, type[Spec]]] = {
    "platform": Platform,
    "project": Project,
    "model": Model,
    "service": Service,
}


def schema(
    kind: str,
    *,
    types: Iterable[str] = (),
    environments: Iterable[str] = (),
    sidecars: Iterable[str] = (),
    cards: Iterable[str] = (),
    catalogue: Iterable[str] = (),
) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one kind of file; the names given become the values that an editor offers.

    `cards` are those of the clusters, for services; `catalogue` all that a platform may name.
    """
    out = KINDS[kind].model_json_schema(by_alias=True)
    out["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    _describe(out, KINDS[kind])
    properties = out["properties"]
    if "type" in properties and types:
        properties["type"]["enum"] = sorted(types)
    for definition in (out, *out.get("$defs", {}).values()):
        known = definition.get("properties", {})
        if "sidecar" in known and sidecars:
            known["sidecar"] = {**known["sidecar"], "anyOf": [{"enum": sorted(sidecars)}, {"type": "null"}]}
        if "cards" in known and catalogue:
            known["cards"] = {**known["cards"], "items": {"enum": sorted(catalogue)}}
        if "gpu" in known and "cpu" in known:
            known["gpu"] = {**known["gpu"], "examples": [f"0.2({card})" for card in sorted(cards)] or ["1"]}
    if kind in ("service", "project") and environments:
        properties["environments"]["propertyNames"] = {"enum": sorted(environments)}
    return out


def _describe(schema: dict[str, Any], top: type[Spec]) -> None:
    """Add the fields' documentation, which the models do not carry."""
    models = {model.__name__: model for model in _descendants(Spec)}
    for name, definition in {top.__name__: schema, **schema.get("$defs", {})}.items():
        texts = documentation(models[name]) if name in models else {}
        properties = definition.get("properties", {})
        for field in properties.keys() & texts.keys():
            properties[field] = {"description": texts[field], **properties[field]}


def _descendants(model: type[Spec]) -> Iterator[type[Spec]]:
    for child in model.__subclasses__():
        yield child
        yield from _descendants(child)
