"""The name and the value of a PriorityClass that servegen writes.

Source: Kubernetes API reference, scheduling.k8s.io/v1.
"""

from __future__ import annotations

from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import scalar, whole_number

# Higher values are reserved for the classes of the system.
_HIGHEST: Final = 1_000_000_000
_NAME: Final = regex(r"(?!system-)[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?\Z")


def class_name(value: object) -> str:
    """Check the name of a PriorityClass; names of the system's classes are refused. Raises InvalidValueError."""
    text = scalar(value, "the name of a PriorityClass")
    if not _NAME.match(text):
        raise InvalidValueError(
            value, "a name of lower-case letters, digits, - and ., that does not start with system-"
        )
    return text


def number(value: object) -> int:
    """Check the value of a PriorityClass. Raises InvalidValueError."""
    return whole_number(value, 0, _HIGHEST, f"a priority from 0 to {_HIGHEST}")


ClassName = Annotated[str, Parser(class_name), JsonSchema({"type": "string"})]
PriorityNumber = Annotated[int, Parser(number), JsonSchema({"type": "integer", "minimum": 0, "maximum": _HIGHEST})]
