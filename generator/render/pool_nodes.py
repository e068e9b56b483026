"""The nodes of a cluster's pools, with the labels by which its node profile finds their cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.fleet.capacity.pools import Pool
from generator.spec.cards import find_card
from generator.spec.values.gpu import Gpu
from generator.spec.values.quantity import amount

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.render.scheduling import SchedulingRenderer
    from generator.spec.cards import Card
    from generator.spec.node_pools import NodePool
    from generator.spec.platform import Cluster

# Every node for these pods has it: Kubernetes documentation, Well-Known Labels.
_ALWAYS: Final = {"kubernetes.io/os": "linux"}
# A backend that says nothing of a limit divides a card by percent.
_TENANTS: Final = 100
_WHOLE: Final = 100
# The backends that divide each card of a cluster into equal parts.
_SLICING: Final = ("time-slicing", "mps")


def node_pools(facts: Cluster, catalog: Mapping[str, Card], placements: SchedulingRenderer) -> tuple[Pool, ...]:
    """Return the pools of a cluster."""
    return tuple(_pool(name, pool, facts, catalog, placements) for name, pool in (facts.pools or {}).items())


def _pool(
    name: str, pool: NodePool, facts: Cluster, catalog: Mapping[str, Card], placements: SchedulingRenderer
) -> Pool:
    card = find_card(catalog, pool.card) if pool.card is not None else None
    slices = pool.slices or (facts.gpu.parts if facts.gpu.backend in _SLICING else None) or 1
    labels = dict(_card_labels(pool, slices, card, facts, placements)) if card is not None else {}
    return Pool(
        name=name,
        least=pool.nodes.min,
        nodes=pool.nodes.max,
        cpu=int((amount(pool.cpu) or 0) * 1000),
        memory=int(amount(pool.memory) or 0),
        pods=pool.pods,
        cards=pool.cards * slices if card is not None else 0,
        card=pool.card or "",
        card_memory=card.mib if card is not None else 0,
        tenants=1 if slices > 1 else pool.split or facts.gpu.tenants or _TENANTS,
        parts=slices,
        unit=_unit(pool, slices, card, facts, placements) if card is not None else None,
        products=card.products if card is not None else (),
        others=tuple(sorted(pool.resources.items())),
        labels={**_ALWAYS, **labels, **pool.labels},
        taints=pool.taints,
        projects=pool.projects,
    )


def _unit(pool: NodePool, slices: int, card: Card, facts: Cluster, placements: SchedulingRenderer) -> str | None:
    """Return the resource by which nodes count their cards: that of a request for a card, or for the least part."""
    request = Gpu(percent=1, card=pool.card) if slices > 1 else Gpu(count=1, card=pool.card)
    return next(iter(placements.of_request(facts, request, card).limits), None)


def _card_labels(
    pool: NodePool, slices: int, card: Card, facts: Cluster, placements: SchedulingRenderer
) -> Iterator[tuple[str, str]]:
    """Yield the labels that select a card: those of the node profile, and of a backend that divides cards."""
    requests = [Gpu(card=pool.card)]
    if slices > 1:
        requests.append(Gpu(percent=_WHOLE // slices, card=pool.card))
    elif facts.gpu.backend in _SLICING:
        requests.append(Gpu(count=1, card=pool.card))
    for request in requests:
        chosen = placements.of_request(facts, request, card)
        yield from chosen.node_selector.items()
        yield from _required_labels(chosen.affinity)


def _required_labels(affinity: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the labels of a node that an affinity requires; of several values, the first."""
    required = affinity.get("nodeAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution", {})
    for term in required.get("nodeSelectorTerms", [])[:1]:
        for rule in term.get("matchExpressions", []):
            if rule["operator"] == "In":
                yield rule["key"], rule["values"][0]
