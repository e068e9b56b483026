"""The embedded engine, which is always available: JSON Schema validation in process, with the path of every error."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs
from msgspec import Struct

from generator.schemas.custom_rules import with_defaults
from generator.schemas.embedded import wording
from generator.schemas.schema_error import SchemaError, resolve_path, sort_schema_errors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from generator.schemas.catalogue import SchemaCatalog


class _CompiledSchema(Struct, frozen=True):
    """A compiled schema, or in `reason` the reason why there is none."""

    validator: jsonschema_rs.Validator | None = None
    schema: Any = None
    reason: str = ""


def validate(objects: Sequence[dict[str, Any]], catalogue: SchemaCatalog) -> list[SchemaError]:
    """Return all schema errors of all objects; an object that cannot be validated gets one with the status `error`."""
    out: list[SchemaError] = []
    for index, tree in enumerate(map(with_defaults, objects)):
        compiled = _schema_of(catalogue, str(tree.get("apiVersion")), str(tree.get("kind")))
        if compiled.validator is None:
            out.append(SchemaError(index, (), compiled.reason, "error"))
        elif not compiled.validator.is_valid(tree):
            out += _findings(index, tree, compiled.validator, compiled.schema)
    return out


@lru_cache(maxsize=512)
def _schema_of(catalogue: SchemaCatalog, api_version: str, kind: str) -> _CompiledSchema:
    path = catalogue.path(api_version, kind)
    if path is None:
        return _CompiledSchema(
            reason=f"found {kind} of {api_version}, for which there is no schema, so it cannot be validated"
        )
    return _compile(path)


@lru_cache(maxsize=512)
def _compile(path: Path) -> _CompiledSchema:
    try:
        schema = json.loads(path.read_text(encoding="utf-8"))
        return _CompiledSchema(jsonschema_rs.validator_for(schema, retriever=_refuse), schema)
    except (OSError, ValueError, TypeError, jsonschema_rs.ReferencingError) as error:
        # The lines after the first show the instance, but there is none.
        reason = str(error).partition("\n")[0]
        return _CompiledSchema(reason=f"the schema {path} cannot be used: {reason}")


def _refuse(uri: str) -> Any:
    raise ValueError(f"it refers to {uri}; a schema must be one file, since nothing is fetched during validation")


def _findings(index: int, tree: dict[str, Any], validator: jsonschema_rs.Validator, schema: Any) -> list[SchemaError]:
    errors = wording.best(validator.iter_errors(tree))
    return sort_schema_errors(
        SchemaError(index, resolve_path(tree, error.instance_path), wording.message(error, schema)) for error in errors
    )
