"""The cards of the catalog, and which of them a name means on a cluster.

A name without the memory size means the one size that the cluster has. NVIDIA's feature discovery adds to the label of
nodes how their cards are divided, and so does a name here: `T4-SHARED` by time or by MPS, `A100-40G-MIG-1g.5gb` by MIG
with the strategy `single`, where each part counts as a card. Source: the README of NVIDIA's device plugin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from msgspec.structs import replace

from generator.core.regex import regex
from generator.spec.base import Spec
from generator.spec.values.gpu_facts import Profiles, Sizes
from generator.spec.values.scalars import Int, Text, Texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHARED: Final = "-SHARED"
# The names of parts of a card under MIG, for editors.
PART_PATTERN: Final = "-MIG-[0-9][gG][.][0-9]+[gG][bB]"
_PART: Final = regex(r"(?P<card>.+?)(?:-MIG-(?P<profile>[0-9]G\.(?P<gb>[0-9]{1,3})GB))?(?P<shared>-SHARED)?")


class Card(Spec):
    """A card of the catalog `templates/cards.yaml`."""

    mib: Int
    """The card's memory in MiB, as the driver reports it."""
    family: Text | None = None
    """The card's name without the memory size, for example `V100` of `V100-32G`."""
    vendor: Literal["nvidia", "amd", "ascend", "dcu", "metax", "mlu"] = "nvidia"
    """Whose card it is, by the word that specs use."""
    products: Texts = ()
    """The values of the node label nvidia.com/gpu.product for this card."""
    match: Text | None = None
    """The string by which HAMi selects the card: a part of the card's name."""
    also: Texts = ()
    """Other cards that `match` selects too."""
    profiles: Profiles = ()
    """The profiles into which MIG can divide the card, with the whole card."""
    compute: Text | None = None
    """The compute capability of a card of NVIDIA, for which engines of TensorRT are built."""
    gke: Text | None = None
    """The value of the node label cloud.google.com/gke-accelerator."""
    aws: Text | None = None
    """The value of the node labels instance-gpu-name of Karpenter and of EKS."""
    aws_mib: Text | None = None
    """The value of their label instance-gpu-memory, if the name is that of another card too."""
    tke: Text | None = None
    """The value of the annotation gpu-type of pods on TKE's super nodes."""
    resource: Text | None = None
    """The name of the resource that counts this card, if its vendor has one for each card."""
    parts: Sizes = ()
    """The sizes in MiB of the parts that the driver gives, if it gives no others."""


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
        changed |= {"mib": int(match["gb"]) * 1024, "profiles": ()}
    return replace(card, **changed, family=card.family or match["card"])


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


def only_card(catalog: Mapping[str, Card], here: Iterable[str] | None, maker: str | None) -> Card | None:
    """Return the card that a request without a name gets: that of a cluster with one kind of card, else None."""
    names = list(here or ())
    card = find_card(catalog, names[0]) if len(names) == 1 else None
    return card if card is not None and maker in (None, card.vendor) else None


def _families(catalog: Mapping[str, Card], name: str) -> set[str | None]:
    card = catalog.get(name.removesuffix(SHARED))
    return {name.removesuffix(SHARED), card.family if card is not None else None}
