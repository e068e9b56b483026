"""Which services a change can affect: exact about their objects, and conservative about their findings.

The objects of a service differ only if its effective settings, its routes or a template do (scope.py). A finding may
also depend on the text of a spec, on a layer below the one that decides, and on services that share something with it.
Findings about the sum of many services, such as quotas and capacity, are about a namespace or a cluster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from generator.review.layer_reach import layer_causes
from generator.review.relations import reach
from generator.review.scope import named_environments, services_in_scope
from generator.review.templates import decide_objects, template_causes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.review.sides import Sides

    Key = tuple[str, str, str]


class Because(NamedTuple):
    """Why a service is affected: a file that differs, or what it shares with another affected service.

    `kind` is the kind of the file or of what is shared, `name` the path or the shared thing, and `through` the other
    service, empty for a file.
    """

    kind: str
    name: str
    through: str = ""


class AffectedService(Struct, frozen=True):
    """A service (project, app and name), the environments of it that are affected, and why.

    `objects` is whether its objects may differ; if not, only findings may.
    """

    key: Key
    environments: tuple[str, ...]
    objects: bool
    because: tuple[Because, ...]


def affected_services(sides: Sides) -> list[AffectedService]:
    """Return the services of both sides that the change between them can affect, sorted by project, app and name."""
    before, after = sides.before, sides.after
    named = named_environments(before, after)
    everything = any(map(decide_objects, sides.templates))
    objects = services_in_scope(before, after, everything=everything)
    causes: dict[Key, list[Because]] = {}
    for key, because in _direct(sides):
        causes.setdefault(key, []).append(because)
    for key, reached in reach((before, after), [*causes, *(key for key in objects if key not in causes)]).items():
        kind, _, label = reached.relation
        causes.setdefault(key, []).append(Because(kind, label, "/".join(reached.through)))
    affected = sorted({*causes, *objects})
    return [
        AffectedService(key, _places(named.get(key, []), objects.get(key)), key in objects, tuple(causes.get(key, ())))
        for key in affected
    ]


def _places(named: list[str], differing: set[str] | None) -> tuple[str, ...]:
    """Return the environments in which objects differ, in the order of the spec; if only its base does, all of them."""
    found = tuple(name for name in named if differing is not None and name in differing)
    return found or tuple(named)


def _direct(sides: Sides) -> Iterator[tuple[Key, Because]]:
    """Yield the services that read a file that differs, with the file."""
    changed = set(sides.changed)
    services = {entry.document.file: entry for side in (sides.before, sides.after) for entry in side.fleet.services}
    for file, entry in services.items():
        if file in changed:
            yield entry.key, Because("spec", file)
    for key, kind, file in (*layer_causes(sides), *template_causes(sides)):
        yield key, Because(kind, file)
