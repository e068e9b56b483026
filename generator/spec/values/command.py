"""`command:` replaces the image's command: a string that is passed to bash unchanged, or a list of arguments."""

from __future__ import annotations

from typing import Annotated, Final

from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser

_EXPECTED: Final = "a command"
_HINT: Final = "null removes a command that an earlier layer set"


def parse(value: object) -> tuple[str, ...]:
    """Return the argument vector. A string is passed to `bash -c` unchanged. Raises InvalidValueError."""
    if isinstance(value, list):
        return arguments(value)
    if isinstance(value, str) and value.strip():
        _require_program(value)
        return ("bash", "-c", value)
    raise InvalidValueError(value, _EXPECTED, hint=_HINT)


def arguments(value: list[object]) -> tuple[str, ...]:
    """Return a program and its arguments, unchanged. Raises InvalidValueError."""
    out: list[str] = []
    for index, item in enumerate(value):
        if not isinstance(item, str):
            raise InvalidValueError(item, "a string", hint='write "" for an empty argument', at=(index,))
        out.append(item)
    if not out or not out[0].strip():
        raise InvalidValueError(value, _EXPECTED, hint=_HINT)
    _require_program(out[0])
    return tuple(out)


def _require_program(first: str) -> None:
    """Raise InvalidValueError if a command starts with an argument: `command` replaces the image's program too."""
    if first.lstrip().startswith("-"):
        raise InvalidValueError(
            first, "a program before its arguments", hint=f"add the program before {first.split()[0]}"
        )


CommandField = Annotated[
    tuple[str, ...],
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": ["string", "number", "boolean"]}, "minItems": 1},
            ]
        }
    ),
]
