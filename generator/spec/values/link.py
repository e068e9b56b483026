"""The address of a web page about a service, with places for its names: `https://grafana.example.com/d/x?s={service}`.

Form: RFC 3986, without a user. Braces are no characters of an address, so each pair of them is a place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import quote

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import find_closest, scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACES: Final = (
    *("service", "namespace", "environment", "cluster", "project", "app"),
    *("model", "version", "type", "host", "application", "dashboard"),
)
_EXPECTED: Final = "the address of a page, with https://"
_EXAMPLE: Final = "for example https://grafana.example.com/d/servegen?var-service={service}"
_PLACE: Final = regex(r"\{([^{}]*)\}")
_ADDRESS: Final = regex(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:[/?#][A-Za-z0-9._~%!$&'()*+,;=:@/?#-]*)?\Z")
# What JavaScript's encodeURIComponent keeps too: the page of the fleet fills in addresses in the browser.
_KEPT: Final = "!'()*"


def parse(value: object) -> str:
    """Return the address as it is written. Raises InvalidValueError."""
    text = scalar(value, _EXPECTED)
    for name in _PLACE.findall(text):
        if name not in PLACES:
            raise InvalidValueError(text, f"a known name in braces, not {{{name}}}", hint=_hint_for_name(text, name))
    plain = _PLACE.sub("x", text)
    if not _ADDRESS.match(plain):
        raise InvalidValueError(value, _EXPECTED, hint=_hint(text, plain))
    return text


def fill(link: str, names: Mapping[str, str]) -> str:
    """Return an address with the names, percent-encoded, in their places."""
    return _PLACE.sub(lambda place: quote(names[place[1]], safe=_KEPT), link)


def _hint_for_name(text: str, name: str) -> str:
    if near := find_closest(name, PLACES):
        return f"write {text.replace(f'{{{name}}}', f'{{{near}}}')}"
    return f"the names are {', '.join(PLACES)}; a brace that is part of the address is %7B or %7D"


def _hint(text: str, plain: str) -> str:
    if "{" in plain or "}" in plain:
        return "write a brace that is part of the address as %7B or %7D"
    if "://" not in text and "." in text and _ADDRESS.match(f"https://{plain}"):
        return f"write https://{text}"
    return _EXAMPLE


Link = Annotated[str, Parser(parse), JsonSchema({"type": "string", "pattern": "^https?://"})]
