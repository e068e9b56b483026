"""The name of a Kubernetes object that servegen refers to and does not write, such as a Secret.

Source: Kubernetes documentation, Object Names and IDs, DNS subdomain names.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import scalar

_PART: Final = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_NAME: Final = regex(rf"(?=.{{1,253}}\Z){_PART}(?:\.{_PART})*\Z")
_EXPECTED: Final = "the name of an object: lower-case letters, digits, - and ."


def parse(value: object) -> str:
    """Return the name. Raises InvalidValueError."""
    text = scalar(value, _EXPECTED)
    if not _NAME.match(text):
        plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:253]
        raise InvalidValueError(value, _EXPECTED, hint=f"for example {plain}" if plain else "for example models")
    return text


ObjectName = Annotated[str, Parser(parse), JsonSchema({"type": "string", "pattern": rf"^{_PART}(\.{_PART})*$"})]
