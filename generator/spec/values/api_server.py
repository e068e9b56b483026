"""How a cluster is identified to Argo CD: by its name in Argo CD, or by the address of its API server.

Source: Argo CD's documentation, declarative-setup, Clusters.
"""

from __future__ import annotations

from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import scalar

# The address at which a program in a cluster reaches that cluster's own API server.
OWN: Final = "https://kubernetes.default.svc"
_ADDRESS: Final = regex(r"https://[^\s/@?#]+(?:/[^\s@?#]*)?\Z")
_NAME: Final = regex(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?\Z")
_EXPECTED: Final = "the name of a cluster, or the address of its API server with https://"


def api_server(value: object) -> str:
    """Return a name, or an address without a trailing slash. Raises InvalidValueError."""
    text = scalar(value, _EXPECTED)
    if _ADDRESS.match(text):
        return text.rstrip("/")
    if not _NAME.match(text):
        plain = text.removeprefix("http://")
        secure = f"https://{plain}"
        hint = f"write {secure}" if plain != text and _ADDRESS.match(secure) else ""
        raise InvalidValueError(value, _EXPECTED, hint=hint)
    return text


def by_address(found: str) -> bool:
    """Return whether a parsed value is an address."""
    return found.startswith("https://")


ApiServer = Annotated[str, Parser(api_server), JsonSchema({"type": "string"})]
