"""Metadata of a field that says how its value is parsed, and how an editor checks it.

pydantic has classes for the same, but to import it takes as long as all of servegen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

# The values of a fleet are few: thousands of services have `cpu:50%` and `8000`. Longer ones are hardly written twice.
_KEPT: Final = 1024
_LONGEST: Final = 200


class Parser(Struct, frozen=True):
    """Metadata of a field whose value is what `parse` returns for the written one, or the InvalidValueError it raises.

    pydantic's PlainValidator does the same. It also builds a schema of the result for serialization, which specs never
    need, and which takes almost as long as the rest of the models.
    """

    parse: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            _once_per_text(self.parse), json_schema_input_schema=core_schema.any_schema()
        )


class Before(Struct, frozen=True):
    """Metadata of a field whose written value `change` turns into one of its type, or raises InvalidValueError for.

    `written` is the type of the written value, if editors should accept more than the type of the field.
    """

    change: Callable[[Any], Any]
    written: Any = None

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        written = handler.generate_schema(self.written) if self.written is not None else None
        return core_schema.no_info_before_validator_function(
            self.change, handler(source), json_schema_input_schema=written
        )


class After(Struct, frozen=True):
    """Metadata of a field whose parsed value `change` turns into another one, or raises InvalidValueError for."""

    change: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self.change, handler(source))


class JsonSchema(Struct, frozen=True):
    """Metadata of a field: the JSON Schema of the written value, for editors."""

    schema: dict[str, Any]

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return self.schema.copy()

    def __hash__(self) -> int:
        return id(self)


def _once_per_text(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return `parse` so that a text that is written again and again is parsed once; mistakes are not remembered.

    Only results that nobody can change are shared: those with a hash.
    """
    known: dict[str, object] = {}

    def recall(value: object) -> object:
        if type(value) is not str or len(value) > _LONGEST:
            return parse(value)
        if value not in known:
            result = parse(value)
            if not _is_hashable(result):
                return result
            if len(known) == _KEPT:
                known.clear()
            known[value] = result
        return known[value]

    return recall


def _is_hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
