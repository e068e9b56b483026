"""Where a model lies: `path: /mnt/m`, an address, or a mapping of named sub-models to theirs."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import PlainValidator, WithJsonSchema

from generator.spec.values.jsontext import decode
from generator.spec.values.mistake import InvalidValueError
from generator.spec.values.text import scalar

ModelPath = str | dict[str, str]

_EXPECTED: Final = "a path, an address, or a mapping of sub-models to paths"


def parse(value: object) -> ModelPath:
    """A path, or a path for each sub-model; cube-studio's JSON is such a mapping too. Raises MistakeError.

    An empty text is a path that nobody knows, as models have it that come with their image.
    """
    if isinstance(value, list):
        raise InvalidValueError(value, _EXPECTED)
    given = value if isinstance(value, dict) else scalar(value, _EXPECTED)
    mapping = given if isinstance(given, dict) else decode(given)
    if isinstance(mapping, list):
        raise InvalidValueError(value, _EXPECTED)
    if mapping is None:
        return _address(value, str(given))
    if not mapping:
        raise InvalidValueError(value, _EXPECTED, hint="for example {encoder: /mnt/m/encoder, decoder: /mnt/m/decoder}")
    return {name: _one(name, path) for name, path in mapping.items()}


def _one(name: str, path: object) -> str:
    if not name.strip():
        raise InvalidValueError(name, "a sub-model with a name", at=(name,))
    if not isinstance(path, str) or not path.strip():
        raise InvalidValueError(path, f"the path of the sub-model {name}", at=(name,))
    return _address(path, path.strip())


def _address(value: object, text: str) -> str:
    """The text, if it is no JSON: cube-studio put what it could not read into commands as it was."""
    if text.startswith(("{", "[")):
        raise InvalidValueError(value, f"{_EXPECTED}, not other JSON")
    return text


_PLAIN: Final = {"type": ["string", "number"]}
ModelPathField = Annotated[
    ModelPath,
    PlainValidator(parse),
    WithJsonSchema({"anyOf": [_PLAIN, {"type": "object", "additionalProperties": _PLAIN, "minProperties": 1}]}),
]
