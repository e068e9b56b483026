"""R01: a pod must be smaller than a node.

The scheduler never splits a pod: one that requests more than an empty node has stays pending, in silence. The pod is
counted as rendered, with its sidecars and patches, on the nodes that its labels, taints and cards let it use.

Passes, with the pool `a100: {nodes: 2, cpu: 96, memory: 768Gi, card: A100-80G, cards: 8}`:

    resources: {gpu: 8(A100-80G)}

Fails:

    resources: {gpu: 16(A100-80G)}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.capacity.misfits import admitting_pools
from generator.core.finding import Finding, Severity
from generator.fleet.capacity.rooms import fill
from generator.fleet.capacity.wording import amount_text, pools_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.capacity import CapacityContext
    from generator.fleet.capacity.pods import PodShape
    from generator.fleet.capacity.pools import Pool

ID: Final = "R01"
SEVERITY: Final = Severity.ERROR
_KEYS: Final = {"cpu": ("resources", "cpu"), "memory": ("resources", "memory")}
_OF_CARDS: Final = ("resources", "gpu")
_HINT: Final = "request at most what a node has; more cards need several pods, or a pool with larger nodes"


def check(context: CapacityContext) -> Iterator[Finding]:
    """Yield an error for each service whose pod is larger than each node that it may run on."""
    for plan in context.plans:
        for one in plan.misfits:
            pools = admitting_pools(plan, one.shape)
            if not pools:
                continue  # R02 and G30
            resource, need, have = _excess(pools, one.shape)
            instance = context.instance(one)
            largest = amount_text(resource, have, up=False)
            where = pools_text(tuple(pool.name for pool in pools))
            message = f"one pod requests {amount_text(resource, need)}, and the largest node of {where} has {largest}"
            yield Finding(
                ID,
                message,
                instance.position(*_KEYS.get(resource, _OF_CARDS)),
                _HINT,
                SEVERITY,
                also=tuple(context.pool_position(plan.cluster, pool.name) for pool in pools),
                environments=(instance.environment.name,),
            )


def _excess(pools: list[Pool], shape: PodShape) -> tuple[str, int, int]:
    """Return the resource of which a pod requests more than any node has, with both amounts.

    If each amount fits on some node and all together on none, it is that of the node with the most of the others.
    """
    found = [{name: (need, have) for name, need, have in _amounts(pool, shape) if need > have} for pool in pools]
    closest = min(found, key=len)
    resource = next((name for name in closest if all(name in other for other in found)), next(iter(closest)))
    need, _ = closest[resource]
    return resource, need, max(amounts[resource][1] for amounts in found if resource in amounts)


def _amounts(pool: Pool, shape: PodShape) -> Iterator[tuple[str, int, int]]:
    request, room = pool.request(shape), pool.room()
    cards = [name for name in ("cards", "card memory") if request.number]
    needs = {
        "cards": (100 * request.number, 100 * len(room.cards)),
        "card memory": (request.card_memory, pool.card_memory),
    }
    yield from ((name, *needs[name]) for name in cards)
    yield "cpu", request.cpu, room.cpu
    yield "memory", request.memory, room.memory
    yield from ((name, need, have) for (name, have), need in zip(pool.others, request.others, strict=True))
    if not fill(room, request, 1)[0]:
        yield "pods", 1, room.pods
