"""G01: a card must be in the catalogue, unambiguous, and on the cluster.

Passes, on a cluster with `cards: [T4, A100-80G]`:

    resources: {gpu: "0.2(T4)"}

Fails, because two cards have that name:

    resources: {gpu: "1(A100)"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.found import Found, everywhere
from generator.core.finding import Severity
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.found import Review
    from generator.fleet.model import Deployed, Fleet

ID: Final = "G01"
SEVERITY: Final = Severity.ERROR


def check(review: Review) -> Iterator[Found]:
    """Every named card, in the catalogue and on the cluster."""
    for deployed in everywhere(review.fleet):
        gpu = deployed.settings.resources.gpu if deployed.settings.resources is not None else None
        if gpu is not None and gpu.card is not None:
            yield from _card(review.fleet, deployed, gpu.card)


def _card(fleet: Fleet, deployed: Deployed, name: str) -> Iterator[Found]:
    catalogue, here = fleet.shipped.cards, deployed.place.facts.gpu.cards
    if name in catalogue and (not here or name in here or not deployed.place.name):
        return
    position = deployed.position("resources", "gpu")
    if name not in catalogue:
        sizes = sorted(card for card, facts in catalogue.items() if facts.family == name)
        if sizes:
            hint = f"write the size too: {' or '.join(sizes)}"
            yield Found(f'found the card "{name}", which comes in several sizes', position, hint)
            return
        hint = closest(name, catalogue) or f"known cards: {', '.join(sorted(catalogue))}"
        yield Found(f'found the card "{name}", expected one of the catalogue', position, hint)
    else:
        message = f"the cluster {deployed.place.cluster} of {deployed.place.name} has no {name}"
        yield Found(message, position, f"its cards: {', '.join(here)}")
