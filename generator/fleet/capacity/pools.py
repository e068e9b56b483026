"""Nodes as the plan counts them, and what a pod requests of a node of each pool."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.fleet.capacity.pods import PodShape
    from generator.spec.values.taints import Taint

_WHOLE = 100


class CardRoom(NamedTuple):
    """What is free of a card: percent of its cores, MiB, and how many more pods it can be given to."""

    cores: int
    memory: int
    pods: int


class NodeRoom(NamedTuple):
    """What is free on a node. `free_cores` is the sum over its cards, so that nodes sort by free cards first."""

    free_cores: int
    cpu: int
    memory: int
    pods: int
    others: tuple[int, ...]
    cards: tuple[CardRoom, ...]


class NodeRequest(NamedTuple):
    """What a pod requests of a node of a pool; `others` is in the order of the pool's resources."""

    cpu: int
    memory: int
    others: tuple[int, ...]
    number: int
    cores: int
    card_memory: int


class Pool(Struct, frozen=True):
    """Nodes that are alike.

    `cards` are the cards of a node as pods count them: of a card that is divided by time, each part. `parts` is the
    number of such parts per card. `tenants` is the number of pods that one of `cards` can be given to. `unit` is the
    resource by which the nodes count `cards`; None if the backend does not say.
    """

    name: str
    least: int
    nodes: int
    cpu: int
    memory: int
    pods: int
    cards: int = 0
    card: str = ""
    card_memory: int = 0
    tenants: int = 1
    parts: int = 1
    unit: str | None = None
    products: tuple[str, ...] = ()
    others: tuple[tuple[str, int], ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: tuple[Taint, ...] = ()
    projects: tuple[str, ...] | None = None

    def __hash__(self) -> int:
        """Return a hash that leaves out the labels, which are a mapping."""
        return hash((self.name, self.least, self.nodes, self.cpu, self.memory, self.pods))

    def room(self) -> NodeRoom:
        """Return what is free on an empty node."""
        card = CardRoom(_WHOLE, self.card_memory, self.tenants)
        others = tuple(amount for _, amount in self.others)
        return NodeRoom(_WHOLE * self.cards, self.cpu, self.memory, self.pods, others, (card,) * self.cards)

    def request(self, shape: PodShape) -> NodeRequest:
        """Return what a pod requests of a node; what the pool does not have is left out."""
        wanted = dict(shape.others)
        others = tuple(wanted.get(name, 0) for name, _ in self.others)
        share = shape.share
        if share is None:
            return NodeRequest(shape.cpu, shape.memory, others, 0, 0, 0)
        memory = share.memory_mib
        if memory is None:
            memory = self.card_memory * share.memory_percent // _WHOLE
        return NodeRequest(shape.cpu, shape.memory, others, share.number, share.cores, memory)
