"""Inputs and outputs of a model: data types as Triton names them (`FP32`), and shapes (`[-1, 3, 224, 224]`).

Source: Triton Inference Server, Model Configuration, Datatypes; the names without the prefix TYPE_.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeVar

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import closest, each, list_known, scalar, whole_number

DATA_TYPES: Final = (
    *("BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64"),
    *("FP16", "FP32", "FP64", "BF16", "BYTES"),
)
_OTHER_NAMES: Final = {
    "STRING": "BYTES",
    "FLOAT": "FP32",
    "FLOAT16": "FP16",
    "FLOAT32": "FP32",
    "FLOAT64": "FP64",
    "DOUBLE": "FP64",
    "BFLOAT16": "BF16",
}
_TYPE: Final = "a data type such as FP32, INT64 or BYTES"
_SHAPE: Final = "a list of sizes, such as [-1, 3, 224, 224]"
_SIZE: Final = "a size from 1, or -1 if a request decides it"
_ONE: Final = regex(r"([^=\[\]]*[^=\[\]\s])\s*=\s*(\w+)\s*\[([^\[\]]*)\]\Z")

Named = TypeVar("Named")


def data_type(value: object) -> str:
    """Return the name of a data type in capitals; `STRING` is the same as `BYTES`. Raises InvalidValueError."""
    text = scalar(value, _TYPE)
    name = text.upper().removeprefix("TYPE_")
    name = "BYTES" if name == "STRING" else name
    if name not in DATA_TYPES:
        other = _OTHER_NAMES.get(name)
        hint = f"write {other}" if other else closest(name, DATA_TYPES) or list_known("types", DATA_TYPES)
        raise InvalidValueError(value, _TYPE, hint=hint)
    return name


def shape(value: object) -> tuple[int, ...]:
    """Parse sizes from a list, which is empty for a single value, or from `-1,3,224`. Raises InvalidValueError."""
    return () if value == [] else each(value, _SHAPE, _size)


def parse_one(text: str) -> dict[str, object]:
    """Parse `images=FP32[-1,3,224,224]`, as an option of a command has it: name, type and shape.

    Raises InvalidValueError.
    """
    match = _ONE.match(text.strip())
    if not match:
        raise InvalidValueError(text, "a tensor such as images=FP32[-1,3,224,224]", hint="brackets hold the sizes")
    sizes = match[3].strip()
    return {"name": match[1], "type": data_type(match[2]), "shape": list(shape(sizes) if sizes else ())}


def check_names(tensors: tuple[Named, ...]) -> tuple[Named, ...]:
    """Return the tensors. Raises InvalidValueError if there is none, or if two have one name."""
    names: list[Any] = [getattr(tensor, "name", None) for tensor in tensors]
    if not names:
        raise InvalidValueError([], "at least one tensor", hint="for example [{name: x, type: FP32, shape: [-1, 4]}]")
    for index, name in enumerate(names):
        if name in names[:index]:
            raise InvalidValueError(name, "a different name for each tensor", at=(index, "name"), hint="rename one")
    return tensors


def _size(text: str) -> int:
    return -1 if text == "-1" else whole_number(text, 1, 2**63 - 1, _SIZE)


_NUMBER: Final = {"type": "integer", "minimum": -1, "not": {"const": 0}}
DataType = Annotated[str, Parser(data_type), JsonSchema({"type": "string", "examples": list(DATA_TYPES)})]
Shape = Annotated[
    tuple[int, ...],
    Parser(shape),
    JsonSchema(
        {
            "anyOf": [
                {
                    "type": "array",
                    "items": {"anyOf": [_NUMBER, {"type": "string", "pattern": r"^\s*(-1|[1-9][0-9]*)\s*$"}]},
                },
                {"type": ["string", "integer"]},
            ]
        }
    ),
]
