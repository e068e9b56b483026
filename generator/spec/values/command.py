"""`command:` replaces the image's own: a text for bash, word for word, or a list of arguments."""

from __future__ import annotations

from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from generator.spec.values.mistake import MistakeError


def parse(value: object) -> tuple[str, ...]:
    """The argument vector. A text is handed to `bash -c` unchanged. Raises MistakeError."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            if not isinstance(item, str):
                raise MistakeError(item, "a text", at=(index,))
        if value:
            return tuple(value)
    elif isinstance(value, str) and value.strip():
        return ("bash", "-c", value)
    raise MistakeError(value, "a command", hint="null removes a command that an earlier layer set")


CommandField = Annotated[
    tuple[str, ...],
    PlainValidator(parse),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": ["string", "number"]}}]}),
]
