"""The changes that somebody must accept: what leaves, what cannot be updated, hosts that go to another app, moves.

A takeover needs no acceptance: that a newer release takes the host of its app is how a service is released.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.review.effect import Effect
from generator.review.units import HOST, MOVE, SERVICE, units

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.review.model import ObjectChange, Review
    from generator.review.units import Unit

TRAILER: Final = "Servegen-Accept"
_WORDS: Final = {Effect.DELETE: "delete", Effect.RECREATE: "recreate", Effect.HAND_OVER: "hand-over"}


class Demand(Struct, frozen=True):
    """What must be accepted: the text of the trailer, such as `delete prod/team-prod/churn-2`; and whether it is."""

    text: str
    accepted: bool

    @property
    def trailer(self) -> str:
        """The line that accepts it at the end of a commit message."""
        return f"{TRAILER}: {self.text}"


def demands(review: Review, accepted: Iterable[str]) -> list[Demand]:
    """Return what must be accepted, each once; `accepted` are the values of the trailers of the change."""
    found = units(review)
    given = [" ".join(text.split()) for text in accepted]
    texts = dict.fromkeys(text for unit in found for text in _texts(unit, found))
    return [Demand(text, any(_accepts(one, text) for one in given)) for text in texts]


def _texts(unit: Unit, found: list[Unit]) -> Iterator[str]:
    """Yield the text of what must be accepted; a move covers all that it leaves, a service its hosts and objects."""
    if unit.kind == MOVE:
        yield f"move {unit.environment}/{unit.name}"
    elif unit.effect in _WORDS and not unit.moved and not _is_covered(unit, found):
        yield f"{_WORDS[unit.effect]} {unit.environment}/{_subject(unit)}"


def _subject(unit: Unit) -> str:
    if unit.host is not None:
        return f"{HOST}/{unit.name}"
    change = unit.objects[0]
    if unit.kind == SERVICE and change.service is not None:
        return f"{change.key.namespace}/{change.service[2]}"
    return "/".join(part for part in (change.key.namespace, change.key.short_kind, change.key.name) if part)


def _is_covered(unit: Unit, found: list[Unit]) -> bool:
    """Return whether a service that leaves covers the change, or a host that leaves its route."""
    if unit.effect is not Effect.DELETE or unit.kind == SERVICE:
        return False
    owner = unit.host.before if unit.host is not None else unit.service
    if owner is None:
        return any(change.derived for change in unit.objects)
    others = (other for other in found if other.environment == unit.environment and other.effect is Effect.DELETE)
    if unit.host is not None:
        return any(other.kind == SERVICE and other.service == owner for other in others)
    return _is_derived(unit.objects) and any(other.host is not None and other.host.before == owner for other in others)


def _is_derived(objects: Iterable[ObjectChange]) -> bool:
    return all(change.derived for change in objects)


def _accepts(given: str, text: str) -> bool:
    """Return whether a trailer accepts a change; `*` stands for one part of a name, but not for the environment."""
    one, other = given.split("/"), text.split("/")
    if len(one) != len(other) or one[0] != other[0]:
        return False
    return all(a in ("*", b) for a, b in zip(one, other, strict=True))
