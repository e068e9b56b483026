"""IP addresses and networks.

Source: IsValidIPForLegacyField, ValidateEndpointIP, IsValidCIDRForLegacyField in pkg/apis/core/validation, and
ValidateIPBlock in pkg/apis/networking/validation.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final

from generator.checks.api.refusal import Refusal, show
from generator.checks.api.rules import FORM
from generator.core.loose_values import to_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.render.engine.shapes import SlotPath

_NETWORK: Final = "a network such as 10.0.0.0/8, without bits beyond its length"


def refused_addresses(values: Any, path: SlotPath, *, ordinary: bool = False) -> Iterator[Refusal]:
    """Yield the texts of a list that are no IP addresses; with `ordinary`, special addresses too."""
    for index, value in enumerate(values if isinstance(values, list) else ()):
        if isinstance(value, str) and not _is_address(value, ordinary):
            what = "an IP address that is not special" if ordinary else "an IP address"
            yield Refusal(FORM, (*path, index), show(value), what, "write an address such as 10.0.0.9")


def refused_networks(values: Any, path: SlotPath) -> Iterator[Refusal]:
    """Yield the texts of a list that are no networks."""
    for index, value in enumerate(values if isinstance(values, list) else ()):
        if isinstance(value, str) and _network(value.strip()) is None:
            yield Refusal(FORM, (*path, index), show(value), _NETWORK, "write a network such as 10.0.0.0/8")


def refused_block(block: Any, path: SlotPath) -> Iterator[Refusal]:
    """Yield what is wrong with the network of a NetworkPolicy and its exceptions."""
    if not isinstance(block, dict) or not isinstance(block.get("cidr"), str) or not block["cidr"]:
        return
    whole = _network(block["cidr"])
    if whole is None:
        yield Refusal(FORM, (*path, "cidr"), show(block["cidr"]), _NETWORK, "write a network such as 10.0.0.0/8")
        return
    for index, value in enumerate(to_list(block.get("except"))):
        part = _network(value) if isinstance(value, str) else whole
        if part is None or (isinstance(value, str) and not _is_strictly_inside(part, whole)):
            expected = f"a network inside {whole}"
            yield Refusal(
                FORM, (*path, "except", index), show(value), expected, "write a smaller network, or remove it"
            )


def _is_address(value: str, ordinary: bool) -> bool:
    try:
        address = ip_address(value)
    except ValueError:
        return False
    if "%" in value or (address.version == 6 and address.ipv4_mapped is not None):
        return False
    special = address.is_unspecified or address.is_loopback or address.is_link_local
    local = address.is_multicast and str(address).startswith(("224.0.0.", "ff02:", "ff01:"))
    return not ordinary or not (special or local)


def _network(value: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(value) if "/" in value and value.rpartition("/")[2].isdecimal() else None
    except ValueError:
        return None


def _is_strictly_inside(part: IPv4Network | IPv6Network, whole: IPv4Network | IPv6Network) -> bool:
    if isinstance(part, IPv4Network) and isinstance(whole, IPv4Network):
        return part.prefixlen > whole.prefixlen and part.subnet_of(whole)
    if isinstance(part, IPv6Network) and isinstance(whole, IPv6Network):
        return part.prefixlen > whole.prefixlen and part.subnet_of(whole)
    return False
