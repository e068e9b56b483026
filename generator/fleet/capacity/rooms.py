"""How many pods with one request a node takes, and what is left of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.fleet.capacity.pools import CardRoom, NodeRoom

if TYPE_CHECKING:
    from generator.fleet.capacity.pools import NodeRequest


def fill(room: NodeRoom, request: NodeRequest, limit: int) -> tuple[int, NodeRoom]:
    """Return how many pods, up to `limit`, a node takes, and the node with them."""
    count, cards = _plain(room, request, limit), room.cards
    if count and request.number:
        count, cards = _fill_cards(cards, request, count)
    return (count, _without(room, request, count, cards)) if count else (0, room)


def _plain(room: NodeRoom, request: NodeRequest, limit: int) -> int:
    """Return how many pods fit as far as all but cards is concerned."""
    count = min(limit, room.pods)
    pairs = ((room.cpu, request.cpu), (room.memory, request.memory), *zip(room.others, request.others, strict=True))
    for free, wanted in pairs:
        if wanted:
            count = min(count, free // wanted)
    return count


def _without(room: NodeRoom, request: NodeRequest, count: int, cards: tuple[CardRoom, ...]) -> NodeRoom:
    return NodeRoom(
        sum(card.cores for card in cards) if cards is not room.cards else room.free_cores,
        room.cpu - count * request.cpu,
        room.memory - count * request.memory,
        room.pods - count,
        tuple(free - count * wanted for free, wanted in zip(room.others, request.others, strict=True)),
        cards,
    )


def _fill_cards(cards: tuple[CardRoom, ...], request: NodeRequest, limit: int) -> tuple[int, tuple[CardRoom, ...]]:
    if request.number == 1:
        return _fill_one_by_one(cards, request, limit)
    count = 0
    while count < limit:
        fitting = [index for index, card in enumerate(cards) if _times(card, request)][: request.number]
        if len(fitting) < request.number:
            break
        chosen = set(fitting)
        cards = _sort([_take(card, request, int(index in chosen)) for index, card in enumerate(cards)])
        count += 1
    return count, cards


def _fill_one_by_one(cards: tuple[CardRoom, ...], request: NodeRequest, limit: int) -> tuple[int, tuple[CardRoom, ...]]:
    """Put pods of one card each on the fullest cards first."""
    left, out = limit, []
    for card in cards:
        times = min(left, _times(card, request))
        out.append(_take(card, request, times) if times else card)
        left -= times
    return limit - left, _sort(out)


def _times(card: CardRoom, request: NodeRequest) -> int:
    """Return how many pods a card can be given to."""
    times = card.pods
    if request.cores:
        times = min(times, card.cores // request.cores)
    if request.card_memory:
        times = min(times, card.memory // request.card_memory)
    return times


def _take(card: CardRoom, request: NodeRequest, times: int) -> CardRoom:
    return CardRoom(card.cores - times * request.cores, card.memory - times * request.card_memory, card.pods - times)


def _sort(cards: list[CardRoom]) -> tuple[CardRoom, ...]:
    """Return cards with the fullest first, so that equal nodes are equal."""
    return tuple(sorted(cards))
