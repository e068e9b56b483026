"""G16: the MIG profiles of a cluster's cards must be profiles that the cards can have.

`mig` of a cluster says into which profiles its cards are divided. Each card must be in the catalog, and each profile
among those that the catalog has for the card.

Passes:

    gpu: {backend: mig, cards: [A100-40G], mig: {A100-40G: [1g.5gb, 3g.20gb]}}

Fails, because an A100 with 40 GB has no such profile:

    gpu: {backend: mig, cards: [A100-40G], mig: {A100-40G: [3g.40gb]}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.core.fix import fix_of
from generator.spec.cards import family_members
from generator.spec.values.text import closest, list_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import Fleet

ID: Final = "G16"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each card and each profile of `mig` that does not exist."""
    for cluster, facts in context.fleet.platform.clusters.items():
        for name, profiles in (facts.gpu.mig or {}).items():
            yield from _check_card(context.fleet, cluster, name, profiles)


def _check_card(fleet: Fleet, cluster: str, name: str, profiles: tuple[str, ...]) -> Iterator[Finding]:
    place, catalog = fleet.platform_position("clusters", cluster, "gpu", "mig", name), fleet.catalog.cards
    card = catalog.get(name)
    if card is None:
        sizes = family_members(catalog, catalog, name)
        hint = closest(name, catalog) or list_known("cards", sorted(catalog))
        hint = f"write the size too: {' or '.join(sizes)}" if sizes else hint
        yield Finding(ID, f'found the card "{name}", expected one of the catalogue', place, hint)
        return
    for profile in profiles:
        if not card.profiles:
            message = f"MIG cannot divide the card {name}"
            yield Finding(
                ID, message, place, f"remove {name} from `mig`, or add its `profiles` to templates/cards.yaml"
            )
            return
        if profile not in card.profiles:
            known = [*card.profiles]
            hint = closest(profile, known) or list_known("profiles", known)
            message = f'found the profile "{profile}", expected one of a {name}'
            yield Finding(ID, message, place, hint, fix=fix_of(profile, hint))
