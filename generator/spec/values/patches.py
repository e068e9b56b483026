"""`patches:` a list of strategic merge patches; a plain `null` at its start removes those of earlier layers."""

from __future__ import annotations

from typing import Annotated, Any

from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser


def parse(value: object) -> list[Any]:
    """Check that a value is a list of mappings, except for a null at its start. Raises InvalidValueError."""
    if not isinstance(value, list):
        raise InvalidValueError(value, "a list", hint="for example [{kind: Deployment, spec: {minReadySeconds: 5}}]")
    for index, item in enumerate(value):
        if not isinstance(item, dict) and (index or item is not None):
            raise InvalidValueError(item, "a mapping", hint="write one patch in each item of the list", at=(index,))
    return value


PatchesField = Annotated[
    list[dict[str, Any]],  # with the null until the layers are merged
    Parser(parse),
    JsonSchema({"type": "array", "items": {"type": ["object", "null"]}}),
]
