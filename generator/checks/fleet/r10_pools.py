"""R10: a node pool must describe nodes that its cluster can have.

The capacity plan (docs/capacity.md) is as right as its pools. A card must be in the catalog, and among the `gpu.cards`
of the cluster if it has that key; `card` and `cards` belong together; a card is divided in one way; and a pool for a
project names one that exists.

Passes, on a cluster with `cards: [T4]`:

    pools:
      t4: {nodes: 4, cpu: 32, memory: 128Gi, card: T4, cards: 4}

Fails, because the number of cards is missing:

    pools:
      t4: {nodes: 4, cpu: 32, memory: 128Gi, card: T4}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.core.fix import fix_of
from generator.spec.cards import family_members, find_card
from generator.spec.values.text import closest, list_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.yaml import Path
    from generator.fleet.model import Fleet
    from generator.spec.node_pools import NodePool
    from generator.spec.platform import Cluster

ID: Final = "R10"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each key of a pool that contradicts another one, the catalog or the cluster."""
    fleet = context.fleet
    for cluster, facts in fleet.platform.clusters.items():
        for name, pool in (facts.pools or {}).items():
            path: Path = ("clusters", cluster, "pools", name)
            yield from _card(fleet, pool, facts, path)
            yield from _division(fleet, pool, path)
            yield from _projects(fleet, pool, path)


def _card(fleet: Fleet, pool: NodePool, facts: Cluster, path: Path) -> Iterator[Finding]:
    if pool.card is None:
        if pool.cards:
            message = f"found cards: {pool.cards}, but not which card the nodes have"
            yield _finding(fleet, (*path, "cards"), message, "add for example card: T4")
        return
    if not pool.cards:
        message = f"found card: {pool.card}, but not how many of them a node has"
        yield _finding(fleet, (*path, "card"), message, "add for example cards: 8")
    catalog, here, place = fleet.catalog.cards, facts.gpu.cards, (*path, "card")
    if find_card(catalog, pool.card) is None:
        sizes = family_members(catalog, catalog, pool.card)
        near = closest(pool.card, catalog) or list_known("cards", sorted(catalog))
        hint = f"write the size too: {' or '.join(sizes)}" if sizes else near
        yield _finding(fleet, place, f'found the card "{pool.card}", expected one of the catalogue', hint)
    elif here is not None and pool.card not in here:
        message = f"found the card {pool.card}, which is not among the gpu.cards of the cluster"
        yield _finding(fleet, place, message, f"add {pool.card} to gpu.cards, or write one of: {', '.join(here)}")


def _division(fleet: Fleet, pool: NodePool, path: Path) -> Iterator[Finding]:
    for key in ("split", "slices"):
        if getattr(pool, key) is not None and not pool.cards:
            message = f"found {key}, which divides cards, but no cards"
            yield _finding(fleet, (*path, key), message, f"add card and cards, or remove {key}")
    if pool.cards and pool.split is not None and pool.slices is not None:
        message = "found split and slices, but a card is divided in one way"
        hint = "remove slices if the backend counts percent and memory, else remove split"
        yield _finding(fleet, (*path, "slices"), message, hint)


def _projects(fleet: Fleet, pool: NodePool, path: Path) -> Iterator[Finding]:
    known = sorted({service.project for service in fleet.services} | set(fleet.projects))
    for index, project in enumerate(pool.projects or ()):
        if project not in known:
            hint = closest(project, known) or list_known("projects", known)
            yield _finding(
                fleet, (*path, "projects", index), f'found the project "{project}", expected one that exists', hint
            )


def _finding(fleet: Fleet, path: Path, message: str, hint: str) -> Finding:
    found = message.split('"')[1] if '"' in message else ""
    return Finding(ID, message, fleet.platform_position(*path), hint, fix=fix_of(found, hint) if found else None)
