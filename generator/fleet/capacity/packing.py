"""Find a place for each pod: decreasing sizes into the fullest nodes that have room, in several orders.

Equal pods and equal nodes are handled as one, so that the time depends on how many kinds there are. A place that is
found proves that the pods fit; none that is found proves nothing.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from generator.fleet.capacity.pools import NodeRoom
from generator.fleet.capacity.rooms import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from generator.fleet.capacity.pools import NodeRequest
    from generator.fleet.capacity.site import PodKind, Site

    Order = Callable[[Site, PodKind], tuple[float, ...]]


class SearchLimit(Struct):
    """How often packings may look at the nodes with a certain rest: a limit on time."""

    steps: int = 40_000


class Shelf(Struct):
    """The nodes of a pool by what is free on them: `rooms` in ascending order, and how many nodes have each."""

    rooms: list[NodeRoom]
    nodes: dict[NodeRoom, int]

    def copy(self) -> Shelf:
        """Return the same nodes, to which other pods can be added."""
        return Shelf(self.rooms.copy(), self.nodes.copy())

    def add(self, request: NodeRequest, count: int, budget: SearchLimit) -> int:
        """Put pods on the fullest nodes that have room for them; return how many are left."""
        at = self._start(request)
        while count and at < len(self.rooms) and budget.steps > 0:
            budget.steps -= 1
            room = self.rooms[at]
            fitting, after = fill(room, request, count)
            if not fitting:
                at += 1
                continue
            number = min(self.nodes[room], count // fitting)
            count -= number * fitting
            self._move(at, after, number)
            at = bisect_left(self.rooms, room)
        return count

    def count_left(self, request: NodeRequest, count: int, budget: SearchLimit) -> int:
        """Return how many of the pods find no room, without putting any of them on a node."""
        for room in self.rooms[self._start(request) :]:
            if count <= 0 or budget.steps <= 0:
                break
            budget.steps -= 1
            count -= self.nodes[room] * fill(room, request, count)[0]
        return max(count, 0)

    def _start(self, request: NodeRequest) -> int:
        """Return the index of the first nodes that may have enough cards, or cores if no card is requested."""
        cores = request.number * request.cores
        return bisect_left(self.rooms, NodeRoom(cores, 0 if request.number else request.cpu, 0, 0, (), ()))

    def _move(self, at: int, after: NodeRoom, number: int) -> None:
        room = self.rooms[at]
        if self.nodes[room] == number:
            del self.nodes[room], self.rooms[at]
        else:
            self.nodes[room] -= number
        if after not in self.nodes:
            insort(self.rooms, after)
        self.nodes[after] = self.nodes.get(after, 0) + number


class Packing(Struct):
    """Pods on nodes: `placed` by pool and kind, and `left`, those without a place."""

    site: Site
    shelves: tuple[Shelf, ...]
    placed: Counter[tuple[int, int]] = field(default_factory=Counter)
    left: Counter[int] = field(default_factory=Counter)

    @classmethod
    def of(cls, site: Site) -> Packing:
        """Return the empty nodes of a site."""
        return cls(site, tuple(Shelf([room := pool.room()], {room: pool.nodes}) for pool in site.pools))

    def copy(self) -> Packing:
        """Return the same nodes and pods, to which others can be added."""
        return Packing(self.site, tuple(shelf.copy() for shelf in self.shelves), self.placed.copy(), self.left.copy())

    def fits(self, kind: int, count: int, budget: SearchLimit) -> bool:
        """Whether more pods of one kind find room beside those that are placed."""
        for index in self.site.kinds[kind].pools:
            if count:
                count = self.shelves[index].count_left(self.site.requests[kind][index], count, budget)
        return not count

    def add(self, kind: int, count: int, pools: Iterable[int], budget: SearchLimit) -> None:
        """Place pods in the first of the pools that have room."""
        for index in pools:
            before = count
            count = self.shelves[index].add(self.site.requests[kind][index], count, budget)
            if before > count:
                self.placed[index, kind] += before - count
        if count:
            self.left[kind] += count


def pack(site: Site, demand: Mapping[int, int], budget: SearchLimit, orders: Sequence[Order] | None = None) -> Packing:
    """Return a packing of pods in which none is left if one is found, else the one that leaves the fewest."""
    best: Packing | None = None
    crowd = Counter(index for kind in demand for index in site.kinds[kind].pools)
    for order in orders or ORDERS:
        if best is not None and budget.steps <= 0:
            break
        packing = Packing.of(site)
        for kind in sorted(demand, key=lambda kind: order(site, site.kinds[kind]), reverse=True):
            pools = choose_pools(site, kind, crowd) if budget.steps > 0 else ()
            packing.add(kind, demand[kind], pools, budget)
        if not packing.left:
            return packing
        if best is None or packing.left.total() < best.left.total():
            best = packing
    assert best is not None  # there is an order
    return best


def choose_pools(site: Site, kind: int, crowd: Mapping[int, int]) -> Sequence[int]:
    """Return the pools for pods: those without cards first if they need none, then those that fewest kinds can use."""
    pools = site.kinds[kind].pools
    if len(pools) < 2:
        return pools
    bare = site.kinds[kind].share is None
    return sorted(pools, key=lambda index: (bare and site.pools[index].cards > 0, crowd.get(index, 0), index))


def _dominant(site: Site, kind: PodKind) -> float:
    """Return the largest part of a node that a pod takes of any resource."""
    parts = [0.0]
    for pool in (site.pools[index] for index in kind.pools):
        parts.append(max(kind.cpu / pool.cpu, kind.memory / pool.memory, kind.cores / (100 * (pool.cards or 1))))
    return max(parts)


# The keys by which kinds are sorted, the largest first: those with few nodes to choose from lead in the first one.
ORDERS: Final[tuple[Order, ...]] = (
    lambda site, kind: (-len(kind.pools), kind.cores, _dominant(site, kind)),
    lambda _, kind: (kind.cores, kind.memory, kind.cpu),
    lambda site, kind: (_dominant(site, kind),),
    lambda _, kind: (kind.cpu, kind.memory),
)
