"""`host:` a domain, a URL or a path: the host of a service, and the page to which its `/` redirects.

A domain becomes the host. The domain of a URL becomes the host, and `/` redirects to the URL's path and query. A path
keeps the default host, and `/` redirects to it.
"""

from __future__ import annotations

import re
from typing import Annotated, Final
from urllib.parse import quote

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.ports import port
from generator.spec.values.text import scalar, to_ascii_punctuation

# `http//x` and `http:/x`.
_BROKEN_SCHEME: Final = regex(r"(https?)(?://|:/)(?=[A-Za-z0-9])")
_FORM: Final = regex(
    r"(?:(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*)://)?(?P<name>[^/:?#@\s]*)(?::(?P<port>[^/?#@\s]*))?(?P<path>[/?][^#\s]*)?\Z"
)
_LABEL: Final = regex(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")
_ADDRESS: Final = regex(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*://)?(?:\[|[0-9]+(?:\.[0-9]+){3}\.?(?:[:/?]|\Z)|[^/?]*:[^/?]*:)")
_USER: Final = regex(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*://)?[^/?#]*@")
_BROKEN: Final = regex(r"%(?![0-9A-Fa-f]{2})")
_EXPECTED: Final = "a domain, a URL or a path"


class Host(Struct, frozen=True):
    """The host of a service.

    `domain` is None for the default host; `/` redirects to `path` (with query); `port` is as the user wrote it.
    """

    domain: str | None = None
    path: str | None = None
    port: int | None = None


def parse(value: object) -> Host:
    """Parse a domain, a URL or a path. The domain is in lower case, without a final dot. Raises InvalidValueError."""
    text = to_ascii_punctuation(scalar(value, _EXPECTED))
    _check_authority(text)
    if (broken := _BROKEN_SCHEME.match(text)) is not None:
        raise InvalidValueError(text, _EXPECTED, hint=f"write {broken[1]}://{text[broken.end() :]}")
    match = _FORM.match(text)
    if match is None or not text:
        raise InvalidValueError(value, _EXPECTED, hint=_hint(text))
    if match["scheme"] and match["scheme"].lower() not in ("http", "https"):
        raise InvalidValueError(
            value, "http:// or https:// before the domain", hint=f"write {text.partition('://')[2]}"
        )
    if match["scheme"] and not match["name"]:
        raise InvalidValueError(value, f"a domain after {match['scheme']}://")
    return Host(
        domain=_domain(match["name"]) if match["name"] else None,
        path=_path(match["path"]) if match["path"] else None,
        port=port(match["port"] or text) if match["port"] is not None else None,
    )


def _check_authority(text: str) -> None:
    if _USER.match(text):
        raise InvalidValueError(text, _EXPECTED, hint="remove the user name")
    if _ADDRESS.match(text):
        raise InvalidValueError(
            text, "a domain, not an address", hint="clients that use an address connect to the service's own port"
        )


def _hint(text: str) -> str:
    if "#" in text:
        return f"write {text.partition('#')[0]}" if text[0] != "#" else ""
    return f"write {quote(text, safe='/:?=&%')}" if text.startswith("/") else ""


def _path(text: str) -> str | None:
    """Return the path to which `/` redirects, None for `/` itself. Raises InvalidValueError.

    A path that starts with two slashes is refused: it would lead to another site.
    """
    path = text if text.startswith("/") else f"/{text}"
    if path.startswith("//"):
        raise InvalidValueError(text, "a path with one / first, or a URL", hint=f"write http:{path}, or {path[1:]}")
    if "\\" in path:
        # Browsers read a backslash as a slash, so the path could lead to another site.
        raise InvalidValueError(
            text, "a path without \\", hint=f"write {path.replace(chr(92), '/').replace('//', '/')}"
        )
    if _BROKEN.search(path):
        raise InvalidValueError(text, "two hexadecimal digits after each %", hint="write %25 for a literal %")
    if not path.isascii():
        raise InvalidValueError(text, "a path in percent encoding", hint=f"write {quote(path, safe='/:?=&%')}")
    return path if path != "/" else None


def _domain(name: str) -> str:
    if name.startswith("*"):
        raise InvalidValueError(name, "one host, not a wildcard", hint="name the host that clients use")
    plain = name.lower().removesuffix(".")
    labels = plain.split(".")
    if len(plain) > 253 or not all(map(_LABEL.match, labels)):
        better = re.sub(r"[^a-z0-9.-]", "-", plain)
        hint = f"for example {better}" if better != plain and all(map(_LABEL.match, better.split("."))) else ""
        raise InvalidValueError(
            name, "a domain of letters, digits, - and ., at most 63 characters between dots", hint=hint
        )
    if labels[-1].isdigit() or labels[-1].startswith("0x"):
        # If the last label is a number, browsers see an address (WHATWG URL, host parser) and Istio sees no name.
        raise InvalidValueError(name, "a domain whose last part is not a number", hint=f"write {plain}.example.com")
    if len(labels) == 1:
        # Istio reads a name without a dot as the short name of a Service, so no request would match it.
        raise InvalidValueError(name, "a full domain, or a path", hint=f"write {plain}.example.com, or /{plain}")
    return plain


HostField = Annotated[Host, Parser(parse), JsonSchema({"type": "string", "pattern": r"\S"})]
