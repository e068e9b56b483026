"""G11: the cards that a cluster lists must be in the catalog.

A card that nobody knows cannot be asked for: the list is what specs may name on that cluster. `T4-SHARED` is a T4 that
NVIDIA's plugin divides by time or by MPS; an empty list says that the cluster has no card.

Passes:

    gpu: {backend: hami, nodes: gfd, cards: [T4, A100-80G]}

Fails:

    gpu: {backend: hami, nodes: gfd, cards: [T4, A100]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.spec.cards import family_members, find_card
from generator.spec.values.text import closest, list_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "G11"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each card of a cluster that is not in the catalog."""
    catalog = context.fleet.catalog.cards
    for cluster, facts in context.fleet.platform.clusters.items():
        for index, name in enumerate(facts.gpu.cards or ()):
            if find_card(catalog, name) is None:
                sizes = family_members(catalog, catalog, name)
                hint = closest(name, catalog) or list_known("cards", sorted(catalog))
                hint = f"write the size too: {' or '.join(sizes)}" if sizes else hint
                message = f'the cluster {cluster} has the card "{name}", expected one of the catalogue'
                place = context.fleet.platform_position("clusters", cluster, "gpu", "cards", index)
                yield Finding(ID, message, place, hint)
