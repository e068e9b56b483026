"""Which card a name means on a cluster, and what the shipped catalog says about names that contain each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.spec.cards import choose_card
from generator.spec.catalog import Catalog

if TYPE_CHECKING:
    from pathlib import Path

CARDS = Catalog(TemplateLoader((templates_root(),))).cards


@pytest.mark.parametrize(
    ("name", "here", "product"),
    [
        ("T4", None, "Tesla-T4"),
        ("T4", ("T4", "T4-SHARED"), "Tesla-T4"),
        ("T4", ("T4-SHARED",), "Tesla-T4-SHARED"),
        ("T4-SHARED", ("T4", "T4-SHARED"), "Tesla-T4-SHARED"),
        ("A100", ("T4", "A100-40G"), "NVIDIA-A100-SXM4-40GB"),
        ("A100", ("A100-80G-SHARED",), "NVIDIA-A100-SXM4-80GB-SHARED"),
        ("A100-80G", ("A100-80G-SHARED",), "NVIDIA-A100-SXM4-80GB-SHARED"),
        ("A100", ("A100-40G", "A100-80G"), None),
        ("A100", None, None),
        ("H100", None, "NVIDIA-H100-80GB-HBM3"),
        ("A10", ("A100-40G",), "NVIDIA-A10"),
        ("X1", ("T4",), None),
        ("A100-40G-MIG-1G.5GB", None, "NVIDIA-A100-SXM4-40GB-MIG-1g.5gb"),
        ("A100-40G-MIG-3G.20GB-SHARED", None, "NVIDIA-A100-SXM4-40GB-MIG-3g.20gb-SHARED"),
        ("A100", ("A100-40G-MIG-1G.5GB", "A100-80G"), "NVIDIA-A100-SXM4-80GB"),
        ("A100", ("A100-40G-MIG-1G.5GB",), None),
        ("T5-MIG-1G.5GB", None, None),
    ],
)
def test_which_card_a_name_means(name: str, here: tuple[str, ...] | None, product: str | None) -> None:
    card = choose_card(CARDS, here, name)
    assert (card.products[0] if card is not None else None) == product


def test_a_part_of_a_card_has_the_memory_of_its_profile() -> None:
    part = choose_card(CARDS, None, "H100-80G-MIG-1G.10GB")
    assert part is not None
    assert (part.mib, part.family) == (10240, "H100")


def test_each_card_lists_the_cards_whose_names_contain_its_own() -> None:
    for name, card in CARDS.items():
        families = {
            other.family or other_name for other_name, other in CARDS.items() if _contains(other.products, card)
        }
        assert families - {card.family or name} == set(card.also), name


def _contains(products: tuple[str, ...], card: object) -> bool:
    return any(str(getattr(card, "match", "")).lower() in product.lower() for product in products)


def test_own_cards_add_to_the_shipped_ones(tmp_path: Path) -> None:
    text = "K100: {mib: 65520, vendor: dcu, match: K100}\nA40: {mib: 49140, products: [NVIDIA-A40], match: A40}\n"
    (tmp_path / "cards.yaml").write_text(text, encoding="utf-8")
    cards = Catalog(TemplateLoader((tmp_path, templates_root()))).cards
    assert cards.keys() == {*CARDS, "K100"}
    assert (cards["A40"].mib, cards["K100"].vendor, cards["T4"]) == (49140, "dcu", CARDS["T4"])
