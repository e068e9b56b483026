"""Which card of the catalog a name means on a cluster.

A name without the memory size means the one size that the cluster has. NVIDIA's feature discovery adds to the label of
nodes how their cards are divided, and so does a name here: `T4-SHARED` by time or by MPS, `A100-40G-MIG-1g.5gb` by MIG
with the strategy `single`, where each part counts as a card. Source: the README of NVIDIA's device plugin.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.spec.catalog import Card

SHARED: Final = "-SHARED"
# The names of parts of a card under MIG, for editors.
PART_PATTERN: Final = "-MIG-[0-9][gG][.][0-9]+[gG][bB]"
_PART: Final = re.compile(r"(?P<card>.+?)(?:-MIG-(?P<profile>[0-9]G\.(?P<gb>[0-9]{1,3})GB))?(?P<shared>-SHARED)?")


def find_card(catalog: Mapping[str, Card], name: str) -> Card | None:
    """Return the card with this name, or the part of a card that it names."""
    match = _PART.fullmatch(name)
    card = catalog.get(match["card"]) if match is not None else None
    if match is None or card is None or match["card"] == name:
        return card
    profile = f"-MIG-{match['profile'].lower()}" if match["profile"] else ""
    ending = f"{profile}{match['shared'] or ''}"
    changed: dict[str, object] = {"products": tuple(f"{product}{ending}" for product in card.products)}
    if match["gb"]:
        changed["mib"] = int(match["gb"]) * 1024
    return card.model_copy(update={**changed, "family": card.family or match["card"]})


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
