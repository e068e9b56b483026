"""`host:` a domain, a URL or a path: under which name a service is reached, and where its `/` leads.

A domain becomes the host. Of a URL the domain becomes the host, and opening `/` leads to its path and query. A path
keeps the default host and opening `/` leads to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import PlainValidator, WithJsonSchema

from generator.spec.values.mistake import MistakeError
from generator.spec.values.ports import port
from generator.spec.values.text import scalar

_FORM: Final = re.compile(
    r"(?:(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*)://)?(?P<name>[^/:?#@\s]*)(?::(?P<port>[^/?#\s]*))?(?P<path>[/?][^#\s]*)?\Z"
)
_LABEL: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")
_IPV4: Final = re.compile(r"[0-9]+(?:\.[0-9]+){3}\Z")
_EXPECTED: Final = "a domain, a URL or a path"


@dataclass(frozen=True, slots=True)
class Host:
    """`domain` is None for the default host; `path` (with query) is where `/` leads; `port` as the user wrote it."""

    domain: str | None = None
    path: str | None = None
    port: int | None = None


def parse(value: object) -> Host:
    """From a domain, a URL or a path. The domain is lower case, without a final dot. Raises MistakeError."""
    text = scalar(value, _EXPECTED)
    match = _FORM.match(text)
    if match is None or not text:
        hint = "leave out user names and #fragments" if re.search("[@#]", text) else ""
        raise MistakeError(value, _EXPECTED, hint=hint)
    if match["scheme"] and match["scheme"].lower() not in ("http", "https"):
        raise MistakeError(match["scheme"], "http or https")
    if match["scheme"] and not match["name"]:
        raise MistakeError(value, "a domain after http://")
    path = match["path"]
    if path and path.startswith("?"):
        path = f"/{path}"
    return Host(
        domain=_domain(match["name"]) if match["name"] else None,
        path=path if path and path != "/" else None,
        port=port(match["port"]) if match["port"] is not None else None,
    )


def _domain(name: str) -> str:
    if name.startswith("*"):
        raise MistakeError(name, "one host, not all of a domain", hint=f"write service{name[1:]}")
    if _IPV4.match(name):
        raise MistakeError(name, "a domain, not an address", hint="clients of an address use the service's own port")
    plain = name.lower().removesuffix(".")
    if len(plain) > 253 or not all(_LABEL.match(label) for label in plain.split(".")):
        better = re.sub(r"[^a-z0-9.-]", "-", plain)
        hint = f"for example {better}" if better != plain and all(map(_LABEL.match, better.split("."))) else ""
        raise MistakeError(name, "a domain of letters, digits, - and ., at most 63 characters between dots", hint=hint)
    return plain


HostField = Annotated[Host, PlainValidator(parse), WithJsonSchema({"type": "string"})]
