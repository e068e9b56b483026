"""`{environment}/{project}/{secret}`: the key of an entry of a secret store, with placeholders."""

from __future__ import annotations

from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import closest, scalar

SECRET: Final = "{secret}"
PROJECT: Final = "{project}"
ENVIRONMENT: Final = "{environment}"
DEFAULT: Final = f"{ENVIRONMENT}/{PROJECT}/{SECRET}"
_PLACEHOLDERS: Final = (SECRET, PROJECT, ENVIRONMENT, "{namespace}")
_EXPECTED: Final = f"a key with {SECRET}, such as {DEFAULT}"
_BRACES: Final = regex(r"\{[^}]*\}?|\}")


def parse(value: object) -> str:
    """Return the key as written. Raises InvalidValueError."""
    text = scalar(value, _EXPECTED)
    for found in _BRACES.findall(text):
        if found not in _PLACEHOLDERS:
            hint = closest(found, _PLACEHOLDERS) or f"known placeholders: {', '.join(_PLACEHOLDERS)}"
            raise InvalidValueError(value, _EXPECTED, hint=hint)
    if SECRET not in text or any(character.isspace() for character in text):
        raise InvalidValueError(value, _EXPECTED, hint="without {secret}, all Secrets would have one value")
    return text


def fill(key: str, *, environment: str, project: str, namespace: str, secret: str) -> str:
    """Return the key of one Secret."""
    names = {ENVIRONMENT: environment, PROJECT: project, "{namespace}": namespace, SECRET: secret}
    return _BRACES.sub(lambda found: names[found[0]], key)


StoreKey = Annotated[
    str, Parser(parse), JsonSchema({"type": "string", "pattern": r"\{secret\}", "examples": [DEFAULT]})
]
