"""What a change does, as facts: objects, hosts and environments that change, each with its effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from generator.review.effect import Effect

if TYPE_CHECKING:
    from generator.review.cause import Cause
    from generator.review.compare import Leaf
    from generator.review.objects import ObjectKey


class ObjectChange(Struct, frozen=True):
    """One object that is created, changed or deleted.

    `service` is project, app and name of the service that it is part of, of a route that of the host's owner; None for
    other objects. `leaves` are empty if it is created or deleted. `pods` are those that are replaced or that leave, of
    a new object those that start. `files` are the specs that may set values of the object. With `moved` it is deleted
    because its environment or project moves to another place; with `derived` it exists because services do. `causes`
    are those of an object that comes or goes; a difference has its own.
    """

    environment: str
    key: ObjectKey
    service: tuple[str, str, str] | None
    effect: Effect
    leaves: tuple[Leaf, ...] = ()
    pods: int = 0
    files: tuple[str, ...] = ()
    moved: bool = False
    derived: bool = False
    causes: tuple[Cause, ...] = ()


class HostChange(Struct, frozen=True):
    """A host, or one path of it, that another service owns afterwards.

    `before` and `after` are project, app and name of the owners, None without one.
    """

    environment: str
    address: str
    before: tuple[str, str, str] | None
    after: tuple[str, str, str] | None
    moved: bool = False
    causes: tuple[Cause, ...] = ()

    @property
    def effect(self) -> Effect:
        """Whether the host goes to another app or another service of the app, or whether nobody serves it any more."""
        if self.before is None:
            return Effect.CREATE
        if self.after is None:
            return Effect.DELETE
        return Effect.TAKEOVER if self.before[:2] == self.after[:2] else Effect.HAND_OVER


class Move(Struct, frozen=True):
    """A project that goes to another cluster or namespace in an environment; `after` is empty if it leaves.

    Both are written as cluster/namespace.
    """

    environment: str
    project: str
    before: str
    after: str
    causes: tuple[Cause, ...] = ()


class Review(Struct, frozen=True):
    """Everything that a change does."""

    objects: tuple[ObjectChange, ...]
    hosts: tuple[HostChange, ...]
    moves: tuple[Move, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing changes."""
        return not (self.objects or self.hosts or self.moves)
