"""G01: a card must be in the catalog, unambiguous, and available on the cluster.

Passes, on a cluster with `cards: [T4, A100-80G]`:

    resources: {gpu: "0.2(T4)"}

Fails, because two cards have that name:

    resources: {gpu: "1(A100)"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.context import bases_and_instances
from generator.core.finding import Finding, Severity
from generator.core.fix import fix_of
from generator.spec.values.text import closest, list_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import Fleet, ServiceInstance

ID: Final = "G01"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Check every named card against the catalog and the cluster."""
    for instance in bases_and_instances(context.fleet):
        gpu = instance.settings.resources.gpu if instance.settings.resources is not None else None
        if gpu is not None and gpu.card is not None:
            yield from _card(context.fleet, instance, gpu.card)


def _card(fleet: Fleet, instance: ServiceInstance, name: str) -> Iterator[Finding]:
    catalogue, here = fleet.catalog.cards, instance.environment.facts.gpu.cards
    if name in catalogue and (not here or name in here or not instance.environment.name):
        return
    position = instance.position("resources", "gpu")
    if name not in catalogue:
        sizes = sorted(card for card, facts in catalogue.items() if facts.family == name)
        if sizes:
            hint = f"write the size too: {' or '.join(sizes)}"
            yield Finding(ID, f'found the card "{name}", which comes in several sizes', position, hint)
            return
        hint = closest(name, catalogue) or list_known("cards", sorted(catalogue))
        message = f'found the card "{name}", expected one of the catalogue'
        yield Finding(ID, message, position, hint, fix=fix_of(name, hint))
    else:
        message = f"the cluster {instance.environment.cluster} has no {name}"
        where = (instance.environment.name,)
        yield Finding(ID, message, position, f"its cards: {', '.join(here)}", environments=where)
