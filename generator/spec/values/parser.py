"""What makes a function the grammar of a spec value in a pydantic model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import core_schema

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Parser:
    """Metadata of a field whose value is what `parse` returns for the written one, or the InvalidValueError it raises.

    pydantic's PlainValidator does the same. It also builds a schema of the result for serialization, which specs never
    need, and which takes almost as long as the rest of the models.
    """

    parse: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.parse, json_schema_input_schema=core_schema.any_schema()
        )
