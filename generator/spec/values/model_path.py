"""Where a model is stored: `path: /mnt/m`, an address, or a mapping of named sub-models to paths or addresses.

Each path or address has the grammar of `model_source`; the value stays the text as written.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values import model_source, model_url
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.json_text import decode
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import prefix_errors, scalar

ModelPath = str | dict[str, str]

_JSON_HINT: Final = 'for example {"encoder": "/mnt/m/encoder", "decoder": "/mnt/m/decoder"}'
_EXPECTED: Final = "a path, an address, or a mapping of sub-models to paths"
# Servers use the name of a sub-model in paths, in flags and in the names of files.
_NAME: Final = regex(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,48}[A-Za-z0-9])?\Z", re.ASCII)
_NAME_RULE: Final = "a sub-model's name: at most 50 letters, digits, -, _ and ., with a letter or digit at both ends"


def parse(value: object) -> ModelPath:
    """Return a path, or a path for each sub-model; cube-studio's JSON is such a mapping too. Raises InvalidValueError.

    An empty string is an unknown path, for models that are part of their image.
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
    if not _NAME.match(name):
        raise InvalidValueError(name, _NAME_RULE, hint=_proposal(name), at=(name,))
    if not isinstance(path, str) or not path.strip():
        raise InvalidValueError(path, f"the path of the sub-model {name}", at=(name,))
    with prefix_errors(name):
        return _address(path, path.strip())


def _proposal(name: str) -> str:
    plain = re.sub(r"[^-A-Za-z0-9_.]+", "-", name)[:50].strip("-_.")
    return f"write {plain}" if plain else "for example encoder"


def _address(value: object, text: str) -> str:
    """Return the string, unless it is JSON: cube-studio copied JSON that it could not read into commands unchanged."""
    if text.startswith(("{", "[")):
        raise InvalidValueError(value, f"{_EXPECTED}, not other JSON", hint=_JSON_HINT)
    model_source.parse(text)
    return text


def has_credentials(text: str) -> bool:
    """Return whether `parse` refuses a path, or one of a mapping in JSON, because of a password or a signature."""
    mapping = decode(text)
    try:
        for item in mapping.values() if isinstance(mapping, dict) else (text,):
            model_url.check_credentials(item.strip())
    except InvalidValueError:
        return True
    return False


def sub_models(path: ModelPath) -> list[str]:
    """Return the names of the sub-models; of a single path, an empty name."""
    return list(path) if isinstance(path, dict) else [""]


def sources(path: ModelPath) -> dict[str, model_source.Source]:
    """Return the source of each sub-model by its name; of a single path, by an empty name."""
    named = path if isinstance(path, dict) else {"": path}
    return {name: model_source.parse(text) for name, text in named.items()}


_PLAIN: Final = {"type": ["string", "number"]}
ModelPathField = Annotated[
    ModelPath,
    Parser(parse),
    JsonSchema({"anyOf": [_PLAIN, {"type": "object", "additionalProperties": _PLAIN, "minProperties": 1}]}),
]
