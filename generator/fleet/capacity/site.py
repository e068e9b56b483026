"""The nodes of a cluster, and the kinds of pods on them, each of which is looked at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from generator.fleet.capacity.admission import obstacles
from generator.fleet.capacity.rooms import fill

if TYPE_CHECKING:
    from generator.fleet.capacity.pods import CardShare, PodShape
    from generator.fleet.capacity.pools import NodeRequest, Pool


class PodKind(NamedTuple):
    """Pods that request the same, and that the same pools admit. `pools` are indices."""

    cpu: int
    memory: int
    share: CardShare | None
    others: tuple[tuple[str, int], ...]
    beyond: tuple[str, ...]
    pools: tuple[int, ...]

    @property
    def cores(self) -> int:
        """The percentages of all cards that a pod requests, in sum."""
        return self.share.number * self.share.cores if self.share is not None else 0


class Site(Struct):
    """The pools of a cluster; `kinds` are the kinds of pods, which everything else knows by their index."""

    pools: tuple[Pool, ...]
    kinds: list[PodKind] = field(default_factory=list)
    requests: list[dict[int, NodeRequest]] = field(default_factory=list)
    """What a pod requests of a node, by kind and pool."""
    _by_shape: dict[PodShape, int] = field(default_factory=dict)
    _by_kind: dict[PodKind, int] = field(default_factory=dict)

    def kind_of(self, shape: PodShape) -> int:
        """Return the kind of the pods of a shape."""
        if shape not in self._by_shape:
            pools = tuple(index for index, pool in enumerate(self.pools) if not obstacles(pool, shape))
            kind = PodKind(shape.cpu, shape.memory, shape.share, shape.others, shape.beyond, pools)
            if kind not in self._by_kind:
                self._by_kind[kind] = len(self.kinds)
                self.kinds.append(kind)
                self.requests.append({index: self.pools[index].request(shape) for index in pools})
            self._by_shape[shape] = self._by_kind[kind]
        return self._by_shape[shape]

    def fits_alone(self, kind: int) -> bool:
        """Whether a pod fits on an empty node."""
        return any(fill(self.pools[index].room(), one, 1)[0] for index, one in self.requests[kind].items())
