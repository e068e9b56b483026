"""What the pods of a cluster need in a scenario, whether they fit, and the proof."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from generator.fleet.capacity.packing import choose_pools

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.fleet.capacity.bounds import Shortage
    from generator.fleet.capacity.packing import Packing
    from generator.fleet.capacity.pods import Workload
    from generator.fleet.capacity.pools import NodeRequest, Pool
    from generator.fleet.capacity.site import Site


class Scenario(StrEnum):
    """The pods that are counted: each service at its least or at its most; at the least, a rollout or a takeover."""

    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    SURGE = "surge"
    TAKEOVER = "takeover"


class Answer(StrEnum):
    """Whether pods fit. The first two are proved: by a place for each pod, or by a lower bound."""

    FITS = "fits"
    DOES_NOT_FIT = "does not fit"
    UNKNOWN = "unknown"


class Usage(NamedTuple):
    """What pods take of a pool: percent of cards, thousandths of cores, bytes, and their number."""

    cards: int = 0
    cpu: int = 0
    memory: int = 0
    pods: int = 0


class Forecast(Struct, frozen=True):
    """The result of a scenario.

    `usage` is by the name of the pool; of rollouts and takeovers, it includes the largest one of each resource. `first`
    is the first workload that has no place, in the order of releases, and `further` is the number of others, if they
    are counted. `beyond` are the rules of pods that the plan does not know; they are why the answer is unknown.
    """

    scenario: Scenario
    answer: Answer
    usage: Mapping[str, Usage]
    shortage: Shortage | None = None
    first: Workload | None = None
    further: int = 0
    beyond: tuple[str, ...] = ()


def measure(packing: Packing) -> dict[str, Usage]:
    """Return what the pods of a packing take of each pool; one without a place is counted where it would look first."""
    site = packing.site
    out: dict[str, Usage] = {pool.name: Usage() for pool in site.pools}
    for (index, kind), count in packing.placed.items():
        _add(out, site, index, kind, count)
    return add_usage(out, site, packing.left.items())


def add_usage(usage: Mapping[str, Usage], site: Site, pods: Iterable[tuple[int, int]]) -> dict[str, Usage]:
    """Return the usage with more pods of some kinds, each counted in the pool where it would look first."""
    out = dict(usage)
    for kind, count in pods:
        _add(out, site, choose_pools(site, kind, {})[0], kind, count)
    return out


def _add(usage: dict[str, Usage], site: Site, index: int, kind: int, count: int) -> None:
    pool, request, before = site.pools[index], site.requests[kind][index], usage[site.pools[index].name]
    usage[pool.name] = Usage(
        before.cards + count * _percent(pool, request),
        before.cpu + count * request.cpu,
        before.memory + count * request.memory,
        before.pods + count,
    )


def larger_of(one: Mapping[str, Usage], other: Mapping[str, Usage]) -> dict[str, Usage]:
    """Return the larger use of each resource, by pool."""
    return {name: Usage(*map(max, used, other[name])) for name, used in one.items()}


def _percent(pool: Pool, request: NodeRequest) -> int:
    """Return the part of real cards that a pod takes, by cores or by memory, whichever is more."""
    of_memory = -(-100 * request.card_memory // pool.card_memory) if pool.card_memory else 0
    return -(-request.number * max(request.cores, of_memory) // pool.parts)
