"""`10.0.0.7|203.0.113.7`: an address at which services are reached from outside, and the networks inside a cluster.

Objects contain the part before the bar, users are shown the part after it; `10.0.0.7` is both.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Annotated, Final

from msgspec import Struct

from generator.spec.values import cluster
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import each

_EXPECTED: Final = "an address such as 10.0.0.7, or private|public"
_NETWORK: Final = "a network such as 10.244.0.0/16"


class Address(Struct, frozen=True):
    """An address: `private` is an IP address, `public` an IP address or a domain."""

    private: str
    public: str


def address(value: str) -> Address:
    """Parse one address, with an optional public form. Raises InvalidValueError."""
    private, bar, public = (part.strip() for part in value.replace("｜", "|").partition("|"))
    inside = _ip(private)
    if inside is None:
        raise InvalidValueError(value, _EXPECTED, hint=_without_port(private))
    return Address(inside, _public(value, public) if bar else inside)


def addresses(value: object) -> tuple[Address, ...]:
    """Parse addresses from `a,b` or a list, which may be empty.

    Raises InvalidValueError, also if a private part repeats.
    """
    found = () if value == [] else each(value, _EXPECTED, address)
    if len({one.private for one in found}) != len(found):
        raise InvalidValueError(value, "each private address only once")
    return found


def networks(value: object) -> tuple[str, ...]:
    """Parse networks in CIDR form from `a,b` or a list. Raises InvalidValueError."""
    return each(value, _NETWORK, _network)


def _public(value: str, text: str) -> str:
    ip = _ip(text)
    if ip is not None:
        return ip
    if hint := _without_port(text):
        raise InvalidValueError(value, _EXPECTED, hint=hint)
    try:
        return cluster.domain(text)
    except InvalidValueError:
        raise InvalidValueError(value, f"{_EXPECTED}, with an address or a domain as the public part") from None


def _ip(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def _without_port(text: str) -> str:
    bare, _, port = text.rpartition(":")
    return f"write {bare} without a port: the services' ids give the ports" if bare and port.isdigit() else ""


def _network(text: str) -> str:
    try:
        network = str(ip_network(text, strict=False))
    except ValueError:
        raise InvalidValueError(text, _NETWORK) from None
    address, bar, _ = text.partition("/")
    if not bar or ip_address(address) != ip_network(network).network_address:
        raise InvalidValueError(text, _NETWORK, hint=f"write {network}")
    return network


_TEXTS: Final = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
Addresses = Annotated[tuple[Address, ...], Parser(addresses), JsonSchema(_TEXTS)]
Networks = Annotated[tuple[str, ...], Parser(networks), JsonSchema(_TEXTS)]
