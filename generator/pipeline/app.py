"""Render and validate one app.

The result holds only what the plan needs, so that it is small enough to send between processes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from generator.checks.api import refusals, refused_sizes
from generator.checks.api.across import Workloads
from generator.checks.api.rivals import find_fixed_number, find_rivals
from generator.checks.grants import check_grants
from generator.checks.grants.need import report
from generator.checks.grants.project_object import project_objects
from generator.checks.objects import check_object
from generator.core.errors import RefusedError
from generator.core.finding import (
    Finding,
    Position,
    subject_of_line,
    subject_of_object,
    subject_of_routes,
    subject_of_value,
)
from generator.core.regex import regex
from generator.core.tolerance import tolerate
from generator.fleet.model import ClusterEntry, ServiceInstance
from generator.fleet.routes import RouteGroup
from generator.pipeline.duplicates import ID as DUPLICATE
from generator.pipeline.duplicates import find_duplicates
from generator.pipeline.expected import shared_manifests
from generator.pipeline.object_identity import document_of, identify
from generator.pipeline.patched_path import find_first_change, find_patched_path
from generator.render.app import RenderedApp, render_app
from generator.render.files import CONFIG
from generator.render.provenance import locate

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

    from generator.checks.api.refusal import Refusal
    from generator.fleet.capacity.pods import Workload
    from generator.fleet.grants import GrantBook
    from generator.fleet.model import Fleet, ServiceEntry
    from generator.fleet.routing import Routing
    from generator.pipeline.capacity import CapacityBook
    from generator.pipeline.object_identity import ObjectIdentity
    from generator.render.app_manifests import Manifest
    from generator.render.engine.shapes import SlotPath, Tree
    from generator.render.objects import ObjectRenderer
    from generator.schemas.schema_error import SchemaError

    Validate = Callable[[str, list[Manifest]], list[SchemaError]]

_REPLICAS = ("spec", "replicas")
_ROUTES = frozenset({"HTTPRoute", "VirtualService"})
# The cause of findings that no grant can change: one for each place.
_NOT_GRANTABLE = "no grant"
_UNKNOWN_KEY: Final = regex(r'found "([^"]+)", expected only keys')


class AppResult(Struct, frozen=True):
    """The rendered files of an app (path -> text), its findings, and facts about each object.

    `identities` holds for each object its identity, its environment and its spec file. `pods` are those of the services
    on clusters with node pools. The objects themselves are not kept: those of a whole fleet together would fill the
    memory.
    """

    files: dict[str, str]
    findings: list[Finding]
    identities: list[tuple[ObjectIdentity, str, str]]
    pods: tuple[Workload, ...] = ()


def build_shared_objects(
    book: GrantBook, routing: Routing, renderer: ObjectRenderer, validate: Validate | None, *, thorough: bool
) -> AppResult:
    """Render the objects that belong to no app, and check them; for `thorough` see `validate_app`."""

    def work() -> AppResult:
        manifests = shared_manifests(book.fleet, routing, renderer)
        return validate_app(book, renderer, manifests, validate, thorough=thorough)

    return _build(work)


def build_app(
    book: GrantBook,
    capacity: CapacityBook,
    routing: Routing,
    renderer: ObjectRenderer,
    services: list[ServiceEntry],
    validate: Validate | None,
    *,
    thorough: bool,
) -> AppResult:
    """Render the app that consists of `services`, and check its objects; for `thorough` see `validate_app`."""

    def work() -> AppResult:
        app = render_app(book.fleet, routing, renderer, services)
        result = validate_app(book, renderer, app, validate, thorough=thorough)
        return replace(result, pods=tuple(capacity.read_pods(services, app.manifests)))

    return _build(work)


def _build(work: Callable[[], AppResult]) -> AppResult:
    """Return the result of `work`; if one of the repository's own templates has errors, only their findings."""
    try:
        return work()
    except RefusedError as refused:
        return AppResult({}, list(refused.findings), [])


def validate_app(
    book: GrantBook, renderer: ObjectRenderer, app: RenderedApp, validate: Validate | None, *, thorough: bool
) -> AppResult:
    """Return the rendered app together with the findings about its objects.

    With `thorough` the API server's rules judge every object, otherwise those of apps that a patch or a template of the
    repository shaped: what the shipped templates make of the keys alone obeys them, but for the size.
    """
    fleet = book.fleet
    thorough = thorough or renderer.has_own_templates or any(entry.patched for entry in app.manifests)
    invalid = list(_validated(fleet, app.manifests, validate)) if validate is not None else []
    findings = [*app.findings, *(report_schema_error(renderer, entry, error) for entry, error in invalid)]
    broken = {id(entry) for entry, _ in invalid}
    refused = [
        (entry, refusal)
        for entry, found in _refusals(fleet, app.manifests, broken, thorough=thorough)
        for refusal in (tolerate(found) if id(entry) in broken else found)
    ]
    findings += [_refused(renderer, entry, refusal) for entry, refusal in refused]
    for entry in app.manifests:
        found = _checked(fleet, renderer, entry)
        findings += tolerate(found) if id(entry) in broken else found
        faults = [refusal.path for other, refusal in refused if other is entry]
        findings += _ungranted(book, renderer, entry, faults)
    findings += [_duplicate(renderer, *pair) for pair in find_duplicates(renderer.loader, app.manifests)]
    return AppResult(app.files, findings, [identify(fleet, entry) for entry in app.manifests])


def report_schema_error(renderer: ObjectRenderer, entry: Manifest, error: SchemaError) -> Finding:
    """Return a schema error as a finding at the spec line that set the value; without a schema, at the template."""
    if error.status == "error":
        return _unvalidated(entry, error)
    where = ".".join(map(str, error.path))
    message = f"{_name(entry.tree)}: {where or 'the object'}: {error.message}"
    unknown = _UNKNOWN_KEY.match(error.message)
    position = _position(renderer, entry, (*error.path, unknown[1]) if unknown else error.path)
    return Finding(
        "V01",
        message,
        position,
        error.hint,
        environments=(entry.environment,),
        subject=_subject(entry, position),
        cause=error.message,
    )


def _unvalidated(entry: Manifest, error: SchemaError) -> Finding:
    group, _, version = entry.tree["apiVersion"].rpartition("/")
    file = f"{group or 'core'}/{entry.tree['kind'].lower()}_{version}.json"
    hint = f"add the kind's schema, from its CustomResourceDefinition, as templates/schemas/{file}"
    return Finding("V01", error.message, Position(f"templates/{entry.template}"), hint)


def _checked(fleet: Fleet, renderer: ObjectRenderer, entry: Manifest) -> Iterator[Finding]:
    environment = fleet.contexts[entry.environment]
    for id, violation in check_object(entry.tree, environment):
        path = find_first_change((violation.path, *violation.also), entry.patched) or violation.path
        position = _position(renderer, entry, path) if path else _origin(entry)
        yield Finding(
            id,
            f"{_name(entry.tree)}: {violation.message}",
            position,
            violation.hint,
            violation.severity,
            environments=(environment.name,),
            subject=_subject(entry, position),
            cause=violation.hint if path else "",
        )


def _refusals(
    fleet: Fleet, manifests: list[Manifest], broken: Container[int], *, thorough: bool
) -> Iterator[tuple[Manifest, Iterator[Refusal]]]:
    """Yield for each object what the API server would refuse, and what has no effect; see `validate_app`.

    `broken` are the ids of those that their schema refuses.
    """
    if not thorough:
        yield from ((entry, refused_sizes(entry.tree)) for entry in manifests)
        return
    workloads = Workloads.by_environment((entry.environment, entry.tree) for entry in manifests)
    for entry in manifests:
        minor = fleet.contexts[entry.environment].facts.minor
        yield entry, refusals(entry.tree, minor=minor, valid=id(entry) not in broken)
        yield entry, workloads[entry.environment].unknown_names(entry.tree)
        yield entry, find_rivals(entry.tree, workloads[entry.environment].autoscalers)
        if _REPLICAS not in entry.patched:  # S13 reports a number in a patch
            yield entry, find_fixed_number(entry.tree, workloads[entry.environment].autoscalers)


def _refused(renderer: ObjectRenderer, entry: Manifest, refusal: Refusal) -> Finding:
    """Return the finding about what the API server would refuse, at the patch that brought one of the fields."""
    position = _position(renderer, entry, find_patched_path(refusal, entry.patched))
    message = f"{_name(entry.tree)}: {refusal.message}"
    explained = position != document_of(entry).position()
    fallback = subject_of_line(position) if explained else subject_of_object(position.file)
    subject = _subject(entry, position, fallback)
    where, cause = (entry.environment,), refusal.message
    return Finding(refusal.id, message, position, refusal.hint, environments=where, subject=subject, cause=cause)


def _ungranted(book: GrantBook, renderer: ObjectRenderer, entry: Manifest, faults: list[SlotPath]) -> Iterator[Finding]:
    """Yield the findings about what an object of a service or its route uses without a grant.

    A field is left out if the API server would refuse what is in it, at one of the paths `faults`: what is granted
    depends on the value that is meant.
    """
    instance = entry.origin.owner if isinstance(entry.origin, RouteGroup) else entry.origin
    if not isinstance(instance, ServiceInstance):
        return
    subjects = project_objects(entry.tree, instance, entry.patched, book, lambda: renderer.placements.of(instance))
    for id, need in dict.fromkeys(need for subject in subjects for need in check_grants(subject)):
        if need.path and not need.setting and any(path[: len(need.path)] == need.path for path in faults):
            continue
        asked = instance.position(*need.setting) if need.setting else _position(renderer, entry, need.path)
        finding = report(id, need, instance.service.project, asked, _name(entry.tree))
        cause = f"{need.key} {need.value}" if need.key else _NOT_GRANTABLE
        yield replace(finding, environments=(entry.environment,), subject=_subject(entry, asked), cause=cause)


def _duplicate(renderer: ObjectRenderer, entry: Manifest, other: Manifest) -> Finding:
    """Return the finding about an object that is rendered twice, at a template of the repository's own if it can be."""
    own = renderer.loader.is_own(entry.template)
    position = Position(f"templates/{entry.template}") if own else _position(renderer, entry, ("metadata", "name"))
    message = f"{_name(entry.tree)} is also rendered from templates/{other.template}"
    instead = own and not renderer.loader.is_own(other.template)
    hint = "give it another name" + (f", or write an own {other.template} instead" if instead else "")
    return Finding(DUPLICATE, message, position, hint, environments=(entry.environment,), cause=other.template)


def _validated(fleet: Fleet, manifests: list[Manifest], validate: Validate) -> Iterator[tuple[Manifest, SchemaError]]:
    """Yield the schema errors, each with its object."""
    by_minor: dict[str, list[Manifest]] = {}
    for entry in manifests:
        by_minor.setdefault(fleet.contexts[entry.environment].facts.kubernetes, []).append(entry)
    for minor, entries in by_minor.items():
        for error in validate(minor, entries):
            yield from ((entries[error.index], one) for one in _by_key(error))


def _by_key(error: SchemaError) -> Iterator[SchemaError]:
    """Yield one error for each unknown key that a schema error names; any other error as it is."""
    found, expected, rest = error.message.partition(", expected only keys")
    keys = re.findall(r'"[^"]*"', found) if expected else []
    if len(keys) < 2:
        yield error
    else:
        yield from (replace(error, message=f"found {key}{expected}{rest}") for key in keys)


def _name(tree: Tree) -> str:
    return f"{tree['kind']} {tree['metadata']['name']}"


def _subject(entry: Manifest, position: Position, otherwise: str = "") -> str:
    """Return the subject of a finding about an object: its routes, or else by default the value at the position."""
    if entry.tree["kind"] in _ROUTES:
        return subject_of_routes(position.file)
    return otherwise or subject_of_value(position)


def _position(renderer: ObjectRenderer, entry: Manifest, path: SlotPath) -> Position:
    if isinstance(entry.origin, ServiceInstance) and entry.template.endswith(".j2"):
        return locate(renderer, entry.origin, entry.template, entry.tree, path)
    if isinstance(entry.origin, ServiceInstance) and entry.template == CONFIG and len(path) == 2:
        return entry.origin.position(CONFIG, str(path[1]))
    return _origin(entry)


def _origin(entry: Manifest) -> Position:
    if isinstance(entry.origin, RouteGroup):
        return entry.origin.owner.position("host")
    if isinstance(entry.origin, ClusterEntry):
        return entry.origin.document.position(entry.origin.path)
    return document_of(entry).position()
