"""The changes as people speak of them: a service that comes or leaves, an object that changes, a host, a move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from generator.review.effect import Effect, rank
from generator.review.pods import WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.review.cause import Cause
    from generator.review.model import HostChange, Move, ObjectChange, Review

SERVICE: Final = "service"
HOST: Final = "host"
MOVE: Final = "move"
_FIRST: Final = (MOVE, SERVICE, HOST)
_WHOLE: Final = frozenset({Effect.DELETE, Effect.TAKEOVER, Effect.CREATE})


class Unit(Struct, frozen=True):
    """One change: of a whole service with all its objects, of one object, of a host, or of a place.

    `kind` is a kind of Kubernetes, or one of the words of this module. `name` identifies it in its environment.
    """

    effect: Effect
    environment: str
    kind: str
    name: str
    objects: tuple[ObjectChange, ...] = ()
    host: HostChange | None = None
    move: Move | None = None
    moved: bool = False

    @property
    def pods(self) -> int:
        """The number of pods that are replaced, start or leave."""
        return sum(change.pods for change in self.objects)

    @property
    def causes(self) -> list[Cause]:
        """The lines that brought the change, each once."""
        own = (
            *(self.host.causes if self.host is not None else ()),
            *(self.move.causes if self.move is not None else ()),
        )
        of_objects = (cause for change in self.objects for cause in change.causes)
        of_leaves = (cause for change in self.objects for leaf in change.leaves for cause in leaf.causes)
        return list(dict.fromkeys((*own, *of_leaves, *of_objects)))

    @property
    def place(self) -> str:
        """Where it belongs: project/app/service if that is known, and else its name."""
        owner = (self.host.before or self.host.after) if self.host is not None else self.service
        return "/".join(owner) if owner is not None else self.name

    @property
    def service(self) -> tuple[str, str, str] | None:
        """The service that it is about, if there is one."""
        return self.objects[0].service if self.objects else None


class _ObjectGroup(Struct):
    objects: list[ObjectChange] = field(default_factory=list)
    whole: bool = False


def units(review: Review) -> list[Unit]:
    """Return all changes, the most dangerous first."""
    found = [*_moves(review), *_hosts(review), *_objects(review)]
    return sorted(found, key=_order)


def _order(unit: Unit) -> tuple[object, ...]:
    first = _FIRST.index(unit.kind) if unit.kind in _FIRST else len(_FIRST)
    return rank(unit.effect), unit.environment, first, unit.kind, unit.name


def _moves(review: Review) -> Iterator[Unit]:
    for move in review.moves:
        yield Unit(Effect.DELETE, move.environment, MOVE, move.project, move=move)


def _hosts(review: Review) -> Iterator[Unit]:
    for host in review.hosts:
        yield Unit(host.effect, host.environment, HOST, host.address, host=host, moved=host.moved)


def _objects(review: Review) -> Iterator[Unit]:
    groups: dict[object, _ObjectGroup] = {}
    for change in review.objects:
        whole = change.effect in _WHOLE and change.service is not None
        place = change.key.cluster, change.key.namespace
        key = (change.effect, change.environment, change.service, *place) if whole else (change.key, change.environment)
        group = groups.setdefault(key, _ObjectGroup())
        group.objects.append(change)
        group.whole |= whole and change.key.short_kind in WORKLOADS
    for group in groups.values():
        yield from [_service(group.objects)] if group.whole else map(_object, group.objects)


def _service(objects: list[ObjectChange]) -> Unit:
    first = objects[0]
    assert first.service is not None  # only objects of a service are grouped
    name = "/".join(first.service)
    return Unit(first.effect, first.environment, SERVICE, name, tuple(objects), moved=first.moved)


def _object(change: ObjectChange) -> Unit:
    key = change.key
    name = f"{key.namespace}/{key.name}" if key.namespace else key.name
    return Unit(change.effect, change.environment, key.short_kind, name, (change,), moved=change.moved)
