"""Amounts and proofs of the capacity plan in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from generator.fleet.capacity.bounds import Shortage

_GIB: Final = 2**30
_TENTHS: Final = 10


def cores_text(milli: int) -> str:
    """Return cores as a number."""
    return f"{milli / 1000:,.3f}".rstrip("0").rstrip(".")


def memory_text(size: int, *, up: bool = True) -> str:
    """Return bytes in Gi, rounded to a tenth: up for what is needed, down for what there is."""
    tenths = -(-size * _TENTHS // _GIB) if up else size * _TENTHS // _GIB
    return f"{tenths / _TENTHS:,.1f}".removesuffix(".0") + "Gi"


def cards_text(percent: int) -> str:
    """Return percent of cards as a number of cards."""
    return f"{percent / 100:,.2f}".rstrip("0").rstrip(".")


def amount_text(resource: str, amount: int, *, up: bool = True) -> str:
    """Return an amount of a resource of a shortage, with its unit."""
    match resource:
        case "cpu":
            return f"{cores_text(amount)} cores"
        case "memory":
            return f"{memory_text(amount, up=up)} of memory"
        case "cards":
            return f"{cards_text(amount)} cards"
        case "card memory":
            return f"{amount:,}MiB of the cards' memory"
        case "pods":
            return f"{amount:,} pods"
        case "card pods":
            return f"{amount:,} places on cards"
        case _:
            return f"{amount:,} of {resource}"


def shortage_text(shortage: Shortage) -> str:
    """Return why pods do not fit: `18.5 cards are needed, and pool t4 has 16`."""
    where = pools_text(shortage.pools)
    if shortage.large:
        least = amount_text(shortage.resource, shortage.large)
        return f"{shortage.need:,} pods request at least {least} each, and the nodes of {where} take {shortage.have:,}"
    need, have = amount_text(shortage.resource, shortage.need), shortage.have
    return f"{need} are needed, and {where} has {amount_text(shortage.resource, have, up=False)}"


def pools_text(names: tuple[str, ...]) -> str:
    """Return `the pool a`, or `the pools a, b` of several."""
    return f"the pool{'s' if len(names) > 1 else ''} {', '.join(names)}"
