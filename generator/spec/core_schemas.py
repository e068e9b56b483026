"""The types of spec fields as schemas of pydantic-core, the validator below pydantic.

pydantic makes the same from type hints in ten times the time, and to import it takes as long as all of servegen.
Source: pydantic documentation, pydantic_core.core_schema.
"""

from __future__ import annotations

from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Union, get_args, get_origin

from msgspec import NODEFAULT, StructMeta
from pydantic_core import core_schema

from generator.core.errors import BugError
from generator.core.yaml import EMPTY
from generator.spec.base import Spec, SpecField, fields_of
from generator.spec.values.parser import After, Before, JsonSchema, Parser

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import CoreSchema

    Definitions = dict[str, CoreSchema]

MODEL: Final = "model"
"""The metadata of the schema of a model's fields: the model."""
JSON_SCHEMA: Final = "json_schema"
"""The metadata of a schema that an editor knows in another form: its JSON Schema."""


def core_schema_of(type: Any) -> CoreSchema:
    """Return the schema of a model or of another type of a field; each model in it is defined once."""
    definitions: Definitions = {}
    return core_schema.definitions_schema(_schema(type, definitions), list(definitions.values()))


def _schema(type: Any, definitions: Definitions) -> Any:
    if isinstance(type, UnionType) or get_origin(type) is Union:
        return _union(get_args(type), definitions)
    match get_origin(type), get_args(type):
        case (origin, (inner, *metadata)) if origin is Annotated:
            return _annotated(inner, metadata, definitions)
        case (origin, values) if origin is Literal:
            return core_schema.literal_schema(list(values))
        case (origin, (key, value)) if origin is dict:
            return core_schema.dict_schema(_schema(key, definitions), _schema(value, definitions))
        case (origin, (item, rest)) if origin is tuple and rest is ...:
            return core_schema.tuple_variable_schema(_schema(item, definitions))
    if type is Any:
        return core_schema.any_schema()
    if isinstance(type, StructMeta) and issubclass(type, Spec):
        return _model(type, definitions)
    if type is str:
        return core_schema.str_schema()
    raise BugError(f"a field of a spec has the type {type}")


def _union(types: Iterable[Any], definitions: Definitions) -> CoreSchema:
    choices = [_schema(one, definitions) for one in types if one is not type(None)]
    schema = choices[0] if len(choices) == 1 else core_schema.union_schema(choices)
    return core_schema.nullable_schema(schema) if type(None) in types else schema


def _annotated(inner: Any, metadata: Iterable[Any], definitions: Definitions, min_length: int = 0) -> Any:
    """Return the schema of a type with metadata, of which a parser stands in the place of the type."""
    marks = list(metadata)
    is_parsed = any(isinstance(mark, Parser) for mark in marks)
    schema: Any = core_schema.any_schema() if is_parsed else _schema(inner, definitions)
    if min_length:
        schema |= {"min_length": min_length}
    for mark in marks:
        match mark:
            case Parser():
                function = mark.once_per_text()
                schema = core_schema.no_info_plain_validator_function(function, json_schema_input_schema=schema)
            case Before():
                written = None if mark.written is None else _schema(mark.written, definitions)
                schema = core_schema.no_info_before_validator_function(
                    mark.change, schema, json_schema_input_schema=written
                )
            case After():
                schema = core_schema.no_info_after_validator_function(mark.change, schema)
            case JsonSchema():
                schema |= {"metadata": {JSON_SCHEMA: mark.schema}}
            case _:
                pass  # how layers combine, and which files a value names
    return schema


def _model(model: type[Spec], definitions: Definitions) -> CoreSchema:
    ref = f"{model.__module__}.{model.__qualname__}:{id(model)}"
    if ref not in definitions:
        definitions[ref] = _definition(model, ref, definitions)
    return core_schema.definition_reference_schema(ref)


def _definition(model: type[Spec], ref: str, definitions: Definitions) -> CoreSchema:
    """Return the schema of a mapping: its fields, no other keys, then `Spec.check_keys`."""
    known = fields_of(model)
    fields = {name: core_schema.model_field(_field(one, definitions)) for name, one in known.items()}

    def drop_empty(data: Any) -> Any:
        if not isinstance(data, dict):
            return {} if data is EMPTY else data
        if EMPTY not in data.values():
            return data
        return {key: value for key, value in data.items() if value is not EMPTY or key not in known}

    def make(parsed: tuple[dict[str, Any], None, set[str]]) -> Spec:
        values, _, written = parsed
        spec = model(**values, written=frozenset(written))
        spec.check_keys()
        return spec

    mapping = core_schema.model_fields_schema(
        fields, model_name=model.__name__, extra_behavior="forbid", metadata={MODEL: model}
    )
    named = core_schema.no_info_before_validator_function(drop_empty, mapping)
    return core_schema.no_info_after_validator_function(make, named, ref=ref)


def _field(one: SpecField, definitions: Definitions) -> CoreSchema:
    schema = _annotated(one.annotation, one.metadata, definitions, one.min_length)
    if one.factory is not None:
        return core_schema.with_default_schema(schema, default_factory=one.factory)
    return schema if one.default is NODEFAULT else core_schema.with_default_schema(schema, default=one.default)
