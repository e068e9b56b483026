"""One app rendered and judged: all that the plan keeps of it, small enough to travel between processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.checks.objects import faults
from generator.core.finding import Problem
from generator.fleet.model import ClusterEntry, Deployed
from generator.fleet.routing import Route, Traffic
from generator.render.app import RenderedApp, TrueObject, render_app
from generator.render.provenance import locate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from generator.core.finding import Position
    from generator.core.yaml import Document
    from generator.fleet.model import Fleet, ServiceEntry
    from generator.render.engine.shapes import SlotPath
    from generator.render.objects import ObjectRenderer
    from generator.schemas.finding import Finding

    Validate = Callable[[str, list[TrueObject]], list[Finding]]

# Cluster, namespace (empty where the kind has none), kind and name: what an API server has once.
Identity = tuple[str, str, str, str]


@dataclass(slots=True)
class AppResult:
    """Files (path -> text), problems, and for each object its identity, environment and the spec that it comes from.

    The objects themselves are not kept: a fleet's trees together would fill the memory.
    """

    files: dict[str, str]
    problems: list[Problem]
    identities: list[tuple[Identity, str, str]] = field(default_factory=list)


def app_result(
    fleet: Fleet,
    traffic: Traffic,
    objects: ObjectRenderer,
    services: list[ServiceEntry],
    validate: Validate | None,
) -> AppResult:
    """Render the app that holds `services` and let `validate` judge its objects."""
    return judged(fleet, objects, render_app(fleet, traffic, objects, services), validate)


def judged(fleet: Fleet, objects: ObjectRenderer, app: RenderedApp, validate: Validate | None) -> AppResult:
    """What was rendered, with what is wrong in its objects."""
    problems = [*app.problems, *(problem for entry in app.truth for problem in _checked(fleet, objects, entry))]
    if validate is not None:
        problems += _validated(fleet, objects, app.truth, validate)
    return AppResult(app.files, problems, [_identity(fleet, entry) for entry in app.truth])


def finding_problem(objects: ObjectRenderer, entry: TrueObject, finding: Finding) -> Problem:
    """A schema finding at the spec line that set the value."""
    kind, name = entry.tree["kind"], entry.tree["metadata"]["name"]
    where = ".".join(map(str, finding.path))
    message = f"{kind} {name}: {where or 'the object'}: {finding.message}"
    hint = "the API server would refuse this object"
    return Problem("V01", message, _position(objects, entry, finding.path), hint, environments=(entry.environment,))


def _checked(fleet: Fleet, objects: ObjectRenderer, entry: TrueObject) -> Iterator[Problem]:
    place = fleet.places[entry.environment]
    for id, fault in faults(entry.tree, place):
        message = f"{entry.tree['kind']} {entry.tree['metadata']['name']}: {fault.message}"
        position = _position(objects, entry, fault.path) if fault.path else _origin(entry)
        yield Problem(id, message, position, fault.hint, fault.severity, environments=(place.name,))


def _validated(fleet: Fleet, objects: ObjectRenderer, truth: list[TrueObject], validate: Validate) -> list[Problem]:
    by_minor: dict[str, list[TrueObject]] = {}
    for entry in truth:
        by_minor.setdefault(fleet.places[entry.environment].facts.kubernetes, []).append(entry)
    return [
        finding_problem(objects, entries[finding.index], finding)
        for minor, entries in by_minor.items()
        for finding in validate(minor, entries)
    ]


def _identity(fleet: Fleet, entry: TrueObject) -> tuple[Identity, str, str]:
    metadata = entry.tree["metadata"]
    cluster = fleet.places[entry.environment].cluster
    identity = cluster, metadata.get("namespace", ""), entry.tree["kind"], metadata["name"]
    return identity, entry.environment, _document(entry).file


def _position(objects: ObjectRenderer, entry: TrueObject, path: SlotPath) -> Position:
    if isinstance(entry.origin, Deployed) and entry.template.endswith(".j2"):
        return locate(objects, entry.origin, entry.template, entry.tree, path)
    return _origin(entry)


def _origin(entry: TrueObject) -> Position:
    if isinstance(entry.origin, Route):
        return entry.origin.owner.position("host")
    if isinstance(entry.origin, ClusterEntry):
        return entry.origin.document.position(entry.origin.path)
    return _document(entry).position()


def _document(entry: TrueObject) -> Document:
    origin = entry.origin
    if isinstance(origin, Route):
        return origin.owner.service.document
    return origin.service.document if isinstance(origin, Deployed) else origin.document
