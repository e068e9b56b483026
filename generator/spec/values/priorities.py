"""The name and the value of a PriorityClass of our own. Source: Kubernetes API reference, scheduling.k8s.io/v1."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import PlainValidator, WithJsonSchema

from generator.spec.values.mistake import InvalidValueError
from generator.spec.values.text import scalar, whole_number

# Above it are the classes of the system.
_HIGHEST: Final = 1_000_000_000
_NAME: Final = re.compile(r"(?!system-)[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?\Z")


def class_name(value: object) -> str:
    """The name of a PriorityClass; those of the system are not ours. Raises MistakeError."""
    text = scalar(value, "the name of a PriorityClass")
    if not _NAME.match(text):
        raise InvalidValueError(
            value, "a name of lower-case letters, digits, - and ., that does not start with system-"
        )
    return text


def number(value: object) -> int:
    """The value of a PriorityClass. Raises MistakeError."""
    return whole_number(value, 0, _HIGHEST, f"a priority from 0 to {_HIGHEST}")


ClassName = Annotated[str, PlainValidator(class_name), WithJsonSchema({"type": "string"})]
PriorityNumber = Annotated[
    int, PlainValidator(number), WithJsonSchema({"type": "integer", "minimum": 0, "maximum": _HIGHEST})
]
