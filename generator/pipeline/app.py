"""One app rendered and judged: all that the plan keeps of it, small enough to travel between processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.checks.objects import faults
from generator.core.errors import RefusedError
from generator.core.finding import Finding
from generator.fleet.model import ClusterEntry, ServiceInstance
from generator.fleet.routing import Route, Routing
from generator.render.app import Manifest, RenderedApp, render_app
from generator.render.provenance import locate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from generator.core.finding import Position
    from generator.core.yaml import Document
    from generator.fleet.model import Fleet, ServiceEntry
    from generator.render.engine.shapes import SlotPath
    from generator.render.objects import ObjectRenderer
    from generator.schemas.finding import SchemaError

    Validate = Callable[[str, list[Manifest]], list[SchemaError]]

# Cluster, namespace (empty where the kind has none), kind and name: what an API server has once.
Identity = tuple[str, str, str, str]


@dataclass(slots=True)
class AppResult:
    """Files (path -> text), problems, and for each object its identity, environment and the spec that it comes from.

    The objects themselves are not kept: a fleet's trees together would fill the memory.
    """

    files: dict[str, str]
    findings: list[Finding]
    identities: list[tuple[Identity, str, str]] = field(default_factory=list)


def build_app(
    fleet: Fleet,
    routing: Routing,
    objects: ObjectRenderer,
    services: list[ServiceEntry],
    validate: Validate | None,
) -> AppResult:
    """Render the app that holds `services` and let `validate` judge its objects."""
    try:
        return validate_app(fleet, objects, render_app(fleet, routing, objects, services), validate)
    except RefusedError as refused:  # by a template of the repository's own
        return AppResult({}, list(refused.findings))


def validate_app(fleet: Fleet, objects: ObjectRenderer, app: RenderedApp, validate: Validate | None) -> AppResult:
    """What was rendered, with what is wrong in its objects."""
    findings = [*app.findings, *(finding for entry in app.manifests for finding in _checked(fleet, objects, entry))]
    if validate is not None:
        findings += _validated(fleet, objects, app.manifests, validate)
    return AppResult(app.files, findings, [_identity(fleet, entry) for entry in app.manifests])


def schema_finding(objects: ObjectRenderer, entry: Manifest, finding: SchemaError) -> Finding:
    """A schema finding at the spec line that set the value."""
    kind, name = entry.tree["kind"], entry.tree["metadata"]["name"]
    where = ".".join(map(str, finding.path))
    message = f"{kind} {name}: {where or 'the object'}: {finding.message}"
    hint = "the API server would refuse this object"
    return Finding("V01", message, _position(objects, entry, finding.path), hint, environments=(entry.environment,))


def _checked(fleet: Fleet, objects: ObjectRenderer, entry: Manifest) -> Iterator[Finding]:
    place = fleet.contexts[entry.environment]
    for id, fault in faults(entry.tree, place):
        message = f"{entry.tree['kind']} {entry.tree['metadata']['name']}: {fault.message}"
        position = _position(objects, entry, fault.path) if fault.path else _origin(entry)
        yield Finding(id, message, position, fault.hint, fault.severity, environments=(place.name,))


def _validated(fleet: Fleet, objects: ObjectRenderer, manifests: list[Manifest], validate: Validate) -> list[Finding]:
    by_minor: dict[str, list[Manifest]] = {}
    for entry in manifests:
        by_minor.setdefault(fleet.contexts[entry.environment].facts.kubernetes, []).append(entry)
    return [
        schema_finding(objects, entries[finding.index], finding)
        for minor, entries in by_minor.items()
        for finding in validate(minor, entries)
    ]


def _identity(fleet: Fleet, entry: Manifest) -> tuple[Identity, str, str]:
    metadata = entry.tree["metadata"]
    cluster = fleet.contexts[entry.environment].cluster
    identity = cluster, metadata.get("namespace", ""), entry.tree["kind"], metadata["name"]
    return identity, entry.environment, _document(entry).file


def _position(objects: ObjectRenderer, entry: Manifest, path: SlotPath) -> Position:
    if isinstance(entry.origin, ServiceInstance) and entry.template.endswith(".j2"):
        return locate(objects, entry.origin, entry.template, entry.tree, path)
    return _origin(entry)


def _origin(entry: Manifest) -> Position:
    if isinstance(entry.origin, Route):
        return entry.origin.owner.position("host")
    if isinstance(entry.origin, ClusterEntry):
        return entry.origin.document.position(entry.origin.path)
    return _document(entry).position()


def _document(entry: Manifest) -> Document:
    origin = entry.origin
    if isinstance(origin, Route):
        return origin.owner.service.document
    return origin.service.document if isinstance(origin, ServiceInstance) else origin.document
