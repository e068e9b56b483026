"""`*:443`, `10.0.0.0/8:5432`, `10.20.0.0/16:*`: addresses outside the cluster that a project's pods may reach.

As `egress` of a service writes them, and with `*` for all ports. A network includes those in it, `*` all of them.
"""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Annotated, Final

from generator.core.regex import regex
from generator.spec.values.egress import network
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import Parser
from generator.spec.values.scalars import TEXTS_SCHEMA
from generator.spec.values.text import each

if TYPE_CHECKING:
    import re

_EXPECTED: Final = "networks with a port, such as 10.0.0.0/8:5432, *:443 or 10.20.0.0/16:*"
_FORM: Final = regex(r"(?P<peer>\*|\[[^\[\]]+\]|[0-9./]+):(?P<port>\*|[0-9]{1,5}(?:-[0-9]{1,5})?)(?P<udp>/udp)?\Z")


def parse(value: object) -> tuple[str, ...]:
    """Parse addresses from `a:1,b:2` or a list, which may be empty. Raises InvalidValueError."""
    return () if value == [] else each(value, _EXPECTED, _address)


def includes(granted: str, used: str) -> bool:
    """Return whether an address is one of those that are granted. What a patch writes may have no valid form."""
    (match, peer), (own_match, own) = _parts(granted), _parts(used)
    if match is None or own_match is None or match["udp"] != own_match["udp"]:
        return False
    if match["port"] not in ("*", own_match["port"]):
        return False
    if match["peer"] == "*":
        return True
    if isinstance(peer, IPv4Network):
        return isinstance(own, IPv4Network) and own.subnet_of(peer)
    return isinstance(peer, IPv6Network) and isinstance(own, IPv6Network) and own.subnet_of(peer)


def format_address(block: str | None, port: str, protocol: str) -> str:
    """Return an address from a network, None for all of them, a port or `*`, and a protocol."""
    peer = "*" if block is None else f"[{block}]" if ":" in block else block
    return f"{peer}:{port}{'' if protocol == 'TCP' else f'/{protocol.lower()}'}"


def _address(text: str) -> str:
    match = _FORM.match(text)
    peer = match["peer"].strip("[]") if match is not None else ""
    block = network(peer) if peer != "*" else None
    if match is None or (peer != "*" and block is None):
        hint = "services of the cluster need no grant" if "." in text and ":" in text else ""
        raise InvalidValueError(text, _EXPECTED, hint=hint)
    return format_address(block, match["port"], "UDP" if match["udp"] else "TCP")


@cache
def _parts(text: str) -> tuple[re.Match[str] | None, IPv4Network | IPv6Network | None]:
    match = _FORM.match(text)
    block = network(match["peer"].strip("[]")) if match is not None else None
    if match is None or (block is None and match["peer"] != "*"):
        return None, None
    return match, ip_network(block) if block is not None else None


EgressGrants = Annotated[tuple[str, ...], Parser(parse), TEXTS_SCHEMA]
