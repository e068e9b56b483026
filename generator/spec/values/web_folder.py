"""The address of a folder of a web server, below which pages are linked. Form: RFC 3986, without a user and a query."""

from __future__ import annotations

from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import scalar

_EXPECTED: Final = "the address of a folder of a web server, with https://"
_ADDRESS: Final = regex(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%!$&'()*+,;=:@/-]*)?\Z")


def parse(value: object) -> str:
    """Return the address with a slash at its end. Raises InvalidValueError."""
    text = scalar(value, _EXPECTED)
    if not _ADDRESS.match(text):
        secure = f"https://{text}"
        hint = f"write {secure}" if "://" not in text and "." in text and _ADDRESS.match(secure) else ""
        raise InvalidValueError(value, _EXPECTED, hint=hint or "for example https://docs.example.com/servegen/")
    return f"{text.rstrip('/')}/"


WebFolder = Annotated[str, Parser(parse), JsonSchema({"type": "string", "pattern": "^https?://"})]
