"""Lower bounds: proofs that pods do not fit, whatever a scheduler does.

For a set of pools, the pods that may run nowhere else are counted: the sum of what they request of one resource against
what all nodes have; and how many of the large ones among them there are against how many pods the nodes take that
request the least of them. Both ignore rules between pods, which only make less fit.
"""

from __future__ import annotations

from itertools import combinations, islice, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from generator.fleet.capacity.pools import NodeRequest
from generator.fleet.capacity.rooms import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from generator.fleet.capacity.site import PodKind, Site

# Limits on time: with more sets of pools or kinds of pods, further bounds are left out.
_SETS: Final = 64
_THRESHOLDS: Final = 24
_KINDS: Final = 400
_WITHOUT_LIMIT: Final = 2**62


class Shortage(Struct, frozen=True):
    """A proof that pods do not fit: what they need in sum and what there is, in the pools `pools`.

    `resource` is a name of `cards` (in percent), `card memory` (in MiB), `cpu` (in thousandths), `memory` (in bytes),
    `pods`, or an extended resource. If `large` is set, `need` and `have` count pods that request at least that much.
    """

    resource: str
    need: int
    have: int
    pools: tuple[str, ...]
    large: int = 0


class _Wanted(NamedTuple):
    kind: int
    number: int
    pools: frozenset[int]


def find_shortage(site: Site, demand: Mapping[int, int]) -> Shortage | None:
    """Return a proof that pods do not fit, or None if there is none. A pod that fits nowhere is such a proof, too."""
    all_of_them = [
        _Wanted(kind, number, frozenset(site.kinds[kind].pools)) for kind, number in demand.items() if number
    ]
    for pools in _sets(all_of_them):
        inside = [one for one in all_of_them if one.pools <= pools]
        found = _in_sum(site, pools, inside) or (_of_large(site, pools, inside) if len(inside) <= _KINDS else None)
        if found is not None:
            return found
    return None


def _sets(demands: list[_Wanted]) -> Iterator[frozenset[int]]:
    """Yield the sets of pools that pods choose from, then unions of two of them, then all."""
    own = list(dict.fromkeys(one.pools for one in demands))[:_SETS]
    unions = (first | second for first, second in combinations(own, 2))
    everything = frozenset[int]().union(*(one.pools for one in demands))
    yield from dict.fromkeys((*own, *islice(unions, _SETS), everything))


def _in_sum(site: Site, pools: frozenset[int], demands: list[_Wanted]) -> Shortage | None:
    needs: dict[str, int] = {}
    for one in demands:
        for name, amount in _least(site, one).items():
            needs[name] = needs.get(name, 0) + one.number * amount
    has = _capacity(site, pools)
    for name, need in needs.items():
        if need > has.get(name, 0):
            return Shortage(name, need, has.get(name, 0), _names(site, pools))
    return None


def _least(site: Site, one: _Wanted) -> dict[str, int]:
    """Return the least that a pod takes of each resource, of all pools that it may run in."""
    kind = site.kinds[one.kind]
    out = {"cpu": kind.cpu, "memory": kind.memory, "pods": 1, **dict(kind.others)}
    if kind.share is not None:
        memory = min((request.card_memory for request in site.requests[one.kind].values()), default=0)
        number = kind.share.number
        out = {"cards": kind.cores, "card memory": number * memory, "card pods": number, **out}
    return out


def _capacity(site: Site, pools: frozenset[int]) -> dict[str, int]:
    out: dict[str, int] = {}
    for pool in (site.pools[index] for index in pools):
        cards = pool.nodes * pool.cards
        amounts = {"pods": pool.nodes * pool.pods, "cpu": pool.nodes * pool.cpu, "memory": pool.nodes * pool.memory}
        amounts |= {"cards": 100 * cards, "card memory": cards * pool.card_memory, "card pods": cards * pool.tenants}
        for name, amount in (*amounts.items(), *((name, pool.nodes * each) for name, each in pool.others)):
            out[name] = out.get(name, 0) + amount
    return out


# How large a pod is, by what.
_SIZES: Final[Mapping[str, Callable[[PodKind], int]]] = {
    "cards": lambda kind: kind.cores,
    "cpu": lambda kind: kind.cpu,
    "memory": lambda kind: kind.memory,
}


def _of_large(site: Site, pools: frozenset[int], demands: list[_Wanted]) -> Shortage | None:
    for resource, size in _SIZES.items():
        ordered = sorted(((size(site.kinds[one.kind]), one) for one in demands), key=lambda entry: -entry[0])
        for end, least in _ends([amount for amount, _ in ordered]):
            group = [one for _, one in ordered[:end]]
            need = sum(one.number for one in group)
            have = sum(_takes(site, index, group) for index in pools)
            if need > have:
                return Shortage(resource, need, have, _names(site, pools), least)
    return None


def _ends(sizes: list[int]) -> Iterator[tuple[int, int]]:
    """Yield how many are at least as large as each size, with that size, the largest first."""
    pairs = enumerate(pairwise([*sizes, 0]), 1)
    return islice(((end, one) for end, (one, following) in pairs if one != following), _THRESHOLDS)


def _takes(site: Site, index: int, group: list[_Wanted]) -> int:
    """Return how many pods the nodes of a pool take if each requests the least of those that may run there."""
    requests = [site.requests[one.kind][index] for one in group if index in one.pools]
    if not requests:
        return 0
    least = NodeRequest(
        min(one.cpu for one in requests),
        min(one.memory for one in requests),
        tuple(map(min, zip(*(one.others for one in requests), strict=True))),
        min(one.number for one in requests),
        min(one.cores for one in requests),
        min(one.card_memory for one in requests),
    )
    pool = site.pools[index]
    count, _ = fill(pool.room(), least, _WITHOUT_LIMIT)
    return pool.nodes * count


def _names(site: Site, pools: frozenset[int]) -> tuple[str, ...]:
    return tuple(site.pools[index].name for index in sorted(pools))
