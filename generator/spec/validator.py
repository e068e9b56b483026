"""pydantic validators of the spec models.

A model is a msgspec Struct, whose class is made in a tenth of the time of a pydantic model. pydantic checks the data of
a file against the types of its fields, finds all mistakes at once, and describes the models as JSON Schema. It is
imported only where a file is parsed, or a schema printed.
"""

from __future__ import annotations

import inspect
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from msgspec import NODEFAULT
from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import core_schema

from generator.core.yaml import EMPTY
from generator.spec.base import Spec, SpecField, fields_of

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema, ErrorDetails

S = TypeVar("S", bound=Spec)


def validate(model: type[S], data: Any) -> tuple[S | None, list[ErrorDetails]]:
    """Return `data` as a spec, or None and all errors in it."""
    try:
        return adapter(model).validate_python(data), []
    except ValidationError as error:
        return None, error.errors(include_url=False)


@cache
def adapter(model: type[Spec]) -> TypeAdapter[Any]:
    """Return the validator of a model."""
    return TypeAdapter(model)


def core_schema_of(model: type[Spec], handler: GetCoreSchemaHandler) -> CoreSchema:
    """Return what pydantic checks for a model: its fields, no other keys, then `Spec.check_keys`."""
    fields = {name: core_schema.model_field(_field_schema(one, handler)) for name, one in fields_of(model).items()}

    def drop_empty(data: Any) -> Any:
        if not isinstance(data, dict):
            return {} if data is EMPTY else data
        if EMPTY not in data.values():
            return data
        return {key: value for key, value in data.items() if value is not EMPTY or key not in fields}

    def make(parsed: tuple[dict[str, Any], None, set[str]]) -> Spec:
        values, _, written = parsed
        spec = model(**values, written=frozenset(written))
        spec.check_keys()
        return spec

    known = core_schema.model_fields_schema(fields, model_name=model.__name__, extra_behavior="forbid")
    named = core_schema.no_info_before_validator_function(drop_empty, known)
    ref = f"{model.__module__}.{model.__qualname__}:{id(model)}"
    return core_schema.no_info_after_validator_function(make, named, ref=ref)


def _field_schema(one: SpecField, handler: GetCoreSchemaHandler) -> CoreSchema:
    bounds = (Field(min_length=one.min_length),) if one.min_length else ()
    schema = handler.generate_schema(Annotated[one.annotation, *bounds, *one.metadata] if bounds else one.type)
    if one.factory is not None:
        return core_schema.with_default_schema(schema, default_factory=one.factory)
    return schema if one.default is NODEFAULT else core_schema.with_default_schema(schema, default=one.default)


def json_schema_of(model: type[Spec], schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
    """Return the JSON Schema of a model, with the examples of its fields."""
    described = handler(schema)
    own = handler.resolve_ref_schema(described)
    for name, one in fields_of(model).items():
        if one.examples:
            own["properties"][name]["examples"] = list(one.examples)
    own |= {"title": model.__name__, "additionalProperties": False}
    if model.__doc__:
        own["description"] = inspect.cleandoc(model.__doc__)
    return described
