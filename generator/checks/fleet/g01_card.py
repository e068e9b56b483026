"""G01: a card must be in the catalog, unambiguous, and available on the cluster.

The name of a family is enough where the cluster has one size of it. A cluster with `cards: []` has no card at all.

Passes, on a cluster with `cards: [T4, A100-80G]`:

    resources: {gpu: "0.2(T4)"}
    environments: {prod: {resources: {gpu: 1(A100)}}}

Fails, on a cluster with `cards: [A100-40G, A100-80G]`, because both have that name:

    resources: {gpu: "1(A100)"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.placements import requested_gpu
from generator.core.finding import Finding, Severity
from generator.core.fix import fix_of
from generator.spec.cards import family_members, find_card
from generator.spec.values.text import closest, list_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import Fleet, ServiceInstance

ID: Final = "G01"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Check every request for a card against the catalog and the cluster."""
    released = {key for entries in context.fleet.instances.values() for key in entries}
    for instance in context.bases_and_instances:
        gpu = requested_gpu(instance)
        if gpu is None:
            continue
        if instance.environment.name:
            yield from _here(context.fleet, instance, gpu.card)
        elif gpu.card is not None:
            yield from _anywhere(context.fleet, instance, gpu.card, released=instance.service.key in released)


def _anywhere(fleet: Fleet, instance: ServiceInstance, name: str, *, released: bool) -> Iterator[Finding]:
    """Yield what is wrong with a name wherever the service runs."""
    catalog = fleet.catalog.cards
    if find_card(catalog, name) is not None:
        return
    sizes = family_members(catalog, catalog, name)
    if not sizes:
        hint = closest(name, catalog) or list_known("cards", _cards(fleet))
        message = f'found the card "{name}", expected one of the catalogue'
        yield Finding(ID, message, instance.position("resources", "gpu"), hint, fix=fix_of(name, hint))
    elif len(sizes) > 1 and not released and instance.card is None:
        yield _ambiguous(instance, name, sizes)


def _cards(fleet: Fleet) -> list[str]:
    """Return the cards of the clusters, or all of the catalog if nobody knows them."""
    here = {name for facts in fleet.platform.clusters.values() for name in facts.gpu.cards or ()}
    return sorted(here or fleet.catalog.cards)


def _here(fleet: Fleet, instance: ServiceInstance, name: str | None) -> Iterator[Finding]:
    """Yield what is wrong with a request on the cluster of an environment."""
    environment, catalog = instance.environment, fleet.catalog.cards
    here = environment.facts.gpu.cards
    if here is not None and not here:
        yield _no_cards(fleet, instance)
        return
    if name is None or (find_card(catalog, name) is not None and (here is None or name in here)):
        return
    members = family_members(catalog, catalog if here is None else here, name)
    if len(members) > 1:
        yield _ambiguous(instance, name, members)
    elif not members and here is not None and family_members(catalog, catalog, name):
        message, where = f"the cluster {environment.cluster} has no {name}", (environment.name,)
        position = instance.position("resources", "gpu")
        yield Finding(ID, message, position, f"its cards: {', '.join(here)}", environments=where)


def _ambiguous(instance: ServiceInstance, name: str, sizes: list[str]) -> Finding:
    hint = f"write the size too: {' or '.join(sizes)}"
    message = f'found the card "{name}", which comes in several sizes'
    return Finding(ID, message, instance.position("resources", "gpu"), hint)


def _no_cards(fleet: Fleet, instance: ServiceInstance) -> Finding:
    environment = instance.environment
    message = f"the cluster {environment.cluster} has no card"
    hint = "write `resources: {gpu: 0}` for the environment, or undeploy the service there"
    also = (fleet.platform_position("clusters", environment.cluster, "gpu", "cards"),)
    return Finding(
        ID, message, instance.position("resources", "gpu"), hint, also=also, environments=(environment.name,)
    )
