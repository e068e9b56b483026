"""The JSON Schema of a model, as pydantic writes it from the schemas of the fields."""

from __future__ import annotations

import inspect
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema

from generator.spec.base import fields_of
from generator.spec.core_schemas import JSON_SCHEMA, MODEL, core_schema_of

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core.core_schema import ModelFieldsSchema


@cache
def json_schema(type: Any) -> dict[str, Any]:
    """Return the JSON Schema of a model, or of another type of a field. Callers do not change it.

    It contains no names of a repository.
    """
    return _Generator().generate(core_schema_of(type))


class _Generator(GenerateJsonSchema):
    """Takes what editors know of a field, and of a model, from the metadata of its schema."""

    def generate_inner(self, schema: Any) -> JsonSchemaValue:
        known = schema.get("metadata", {}).get(JSON_SCHEMA)
        return dict(known) if known is not None else super().generate_inner(schema)

    def model_fields_schema(self, schema: ModelFieldsSchema) -> JsonSchemaValue:
        """Return the schema of a mapping, with the examples of its keys."""
        model, found = schema["metadata"][MODEL], super().model_fields_schema(schema)
        for name, one in fields_of(model).items():
            if one.examples:
                found["properties"][name]["examples"] = list(one.examples)
        text = {"description": inspect.cleandoc(model.__doc__)} if model.__doc__ else {}
        return found | {"title": model.__name__, **text, "additionalProperties": False}
