"""Which card of the catalog a name means on a cluster.

A name without the memory size means the one size that the cluster has. NVIDIA's feature discovery adds `-SHARED` to the
label of nodes whose cards are divided by time or by MPS, and so does a name here: `T4-SHARED`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.spec.catalog import Card

SHARED: Final = "-SHARED"


def find_card(catalog: Mapping[str, Card], name: str) -> Card | None:
    """Return the card with this name, or the one whose shared form it is."""
    card = catalog.get(name.removesuffix(SHARED))
    if card is None or not name.endswith(SHARED):
        return card
    products = tuple(f"{product}{SHARED}" for product in card.products)
    return card.model_copy(update={"products": products, "family": card.family or name.removesuffix(SHARED)})


def family_members(catalog: Mapping[str, Card], names: Iterable[str], family: str) -> list[str]:
    """Return those of the names that `family` may mean: sizes of it, or shared forms of it."""
    return sorted(name for name in names if family in _families(catalog, name))


def choose_card(catalog: Mapping[str, Card], here: Iterable[str] | None, name: str) -> Card | None:
    """Return the card that a name means where the cards `here` are; None if it is not clear.

    `here` is None if nobody knows the cards.
    """
    exact = find_card(catalog, name)
    if exact is not None and (here is None or name in here):
        return exact
    members = family_members(catalog, catalog if here is None else here, name)
    return find_card(catalog, members[0]) if len(members) == 1 else exact


def _families(catalog: Mapping[str, Card], name: str) -> set[str | None]:
    card = catalog.get(name.removesuffix(SHARED))
    return {name.removesuffix(SHARED), card.family if card is not None else None}
