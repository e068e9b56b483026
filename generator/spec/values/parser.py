"""What makes a function the grammar of a spec value in a pydantic model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from pydantic_core import core_schema

if TYPE_CHECKING:
    from collections.abc import Callable

# The values of a fleet are few: thousands of services have `cpu:50%` and `8000`. Longer ones are hardly written twice.
_KEPT: Final = 1024
_LONGEST: Final = 200


class Parser(Struct, frozen=True):
    """Metadata of a field whose value is what `parse` returns for the written one, or the InvalidValueError it raises.

    pydantic's PlainValidator does the same. It also builds a schema of the result for serialization, which specs never
    need, and which takes almost as long as the rest of the models.
    """

    parse: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _once_per_text(self.parse), json_schema_input_schema=core_schema.any_schema()
        )


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
