"""The one composition that every command uses: specs -> fleet -> checks -> rendered files -> validated objects."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator import __version__, checks
from generator.errors import UsageError
from generator.fleet import Deployed
from generator.problem import Problem, ordered
from generator.render.app import TrueObject, render_app
from generator.render.objects import ObjectRenderer
from generator.render.provenance import locate
from generator.resolve import resolve
from generator.shipped import Shipped
from generator.traffic import Route, Traffic, route

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from generator.fleet import Fleet, ServiceEntry
    from generator.library import Library
    from generator.problem import Position
    from generator.validation.finding import Finding

    Origin = Deployed | Route | ServiceEntry
    Progress = Callable[[int, int], None]
    Validate = Callable[[str, list[TrueObject]], list[Finding]]


@dataclass(slots=True)
class Plan:
    """What a repository's specs give. `files` (path -> text) is complete only when no problem is an error."""

    fleet: Fleet | None = None
    traffic: Traffic | None = None
    problems: list[Problem] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    objects: int = 0


def plan(
    specs: Mapping[str, bytes],
    library: Library,
    *,
    validate: Validate | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Resolve, check, render and validate everything.

    `validate` judges the objects of one app on one Kubernetes minor version; `progress` is told how many apps are
    done. Raises UsageError when the repository wants another version of servegen.
    """
    with _no_collector():
        out = resolved(specs, library)
        if out.fleet is not None and out.traffic is not None:
            _render(out, out.fleet, out.traffic, library, validate, progress or _silent)
        out.problems = ordered(out.problems)
    return out


def resolved(specs: Mapping[str, bytes], library: Library) -> Plan:
    """The fleet with its routes and all problems that show without rendering. Raises UsageError as `plan` does."""
    fleet, problems = resolve(specs, Shipped(library))
    out = Plan(fleet, problems=problems)
    if fleet is not None:
        _check_version(fleet)
        out.traffic, contradictions = route(fleet)
        out.problems = ordered([*problems, *contradictions, *checks.run(fleet)])
    return out


def truth(fleet: Fleet, traffic: Traffic, library: Library) -> Iterator[TrueObject]:
    """Every object of every environment, app by app."""
    objects = ObjectRenderer(library)
    for services in fleet.apps().values():
        yield from render_app(fleet, traffic, objects, services).truth


def _render(
    out: Plan, fleet: Fleet, traffic: Traffic, library: Library, validate: Validate | None, progress: Progress
) -> None:
    objects = ObjectRenderer(library)
    owners: dict[tuple[str, str, str, str], Origin] = {}
    apps = fleet.apps()
    for done, services in enumerate(apps.values()):
        progress(done, len(apps))
        app = render_app(fleet, traffic, objects, services)
        out.files |= app.files
        out.objects += len(app.truth)
        out.problems += app.problems
        out.problems += _collisions(fleet, app.truth, owners)
        if validate is not None:
            out.problems += _judged(fleet, objects, app.truth, validate)
    progress(len(apps), len(apps))


def _judged(fleet: Fleet, objects: ObjectRenderer, truth: list[TrueObject], validate: Validate) -> list[Problem]:
    by_minor: dict[str, list[TrueObject]] = {}
    for entry in truth:
        by_minor.setdefault(fleet.places[entry.environment].facts.kubernetes, []).append(entry)
    return [
        finding_problem(objects, entries[finding.index], finding)
        for minor, entries in by_minor.items()
        for finding in validate(minor, entries)
    ]


def finding_problem(objects: ObjectRenderer, entry: TrueObject, finding: Finding) -> Problem:
    """A schema finding at the spec line that set the value."""
    kind, name = entry.tree["kind"], entry.tree["metadata"]["name"]
    where = ".".join(map(str, finding.path))
    message = f"{kind} {name}: {where or 'the object'}: {finding.message}"
    hint = "the API server would refuse this object"
    return Problem("V01", message, _position(objects, entry, finding), hint, environments=(entry.environment,))


def _position(objects: ObjectRenderer, entry: TrueObject, finding: Finding) -> Position:
    origin = entry.origin
    if isinstance(origin, Route):
        return origin.owner.position("host")
    if isinstance(origin, Deployed) and entry.template.endswith(".j2"):
        return locate(objects, origin, entry.template, entry.tree, finding.path)
    return _where(origin)


def _collisions(
    fleet: Fleet, truth: list[TrueObject], owners: dict[tuple[str, str, str, str], Origin]
) -> list[Problem]:
    """Objects that two specs would both write; a pair of specs is told once.

    `owners` keeps where each object comes from, not the object: a fleet's trees together would fill the memory.
    """
    out: list[Problem] = []
    told: set[tuple[Position, Position]] = set()
    for entry in truth:
        metadata = entry.tree["metadata"]
        cluster = fleet.places[entry.environment].cluster
        key = cluster, metadata["namespace"], entry.tree["kind"], metadata["name"]
        if key not in owners:
            owners[key] = entry.origin
        elif (pair := (_where(entry.origin), _where(owners[key]))) not in told:
            told.add(pair)
            message = f"the {key[2]} {key[3]} in the namespace {key[1]} is also made by another spec"
            hint = "one namespace holds one object of a name: rename one of the two files"
            out.append(Problem("F03", message, pair[0], hint, also=(pair[1],), environments=(entry.environment,)))
    return out


def _where(origin: Origin) -> Position:
    if isinstance(origin, Route):
        return origin.owner.position()
    return origin.position() if isinstance(origin, Deployed) else origin.document.position()


def _check_version(fleet: Fleet) -> None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    wanted = fleet.platform.servegen
    position = fleet.platform_position("servegen")
    try:
        fits = SpecifierSet(wanted).contains(__version__, prereleases=True)
    except InvalidSpecifier:
        raise UsageError(f'{position}: found "{wanted}", expected a version range', hint="for example ~=1.0") from None
    if not fits:
        hint = f"install servegen {wanted}, or change the range after comparing what this version renders"
        raise UsageError(f"{position}: this repository wants servegen {wanted}, this is {__version__}", hint=hint)


def _silent(done: int, total: int) -> None:
    """Nobody wants to know how far the work is."""


@contextmanager
def _no_collector() -> Iterator[None]:
    # A run makes many objects and few cycles: the collector would only look at them again and again.
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
