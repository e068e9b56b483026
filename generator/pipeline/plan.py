"""The one composition that every command uses: specs -> fleet -> checks -> rendered files -> validated objects."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from generator import __version__
from generator.checks import fleet as checks
from generator.checks.found import CheckContext
from generator.core.errors import RefusedError, UsageError
from generator.core.finding import Finding, Severity, sort_findings
from generator.fleet.load import read_specs
from generator.fleet.resolve import resolve
from generator.fleet.routing import route_fleet
from generator.pipeline.app import AppResult, build_app, validate_app
from generator.render.app import ROOT as RENDERED
from generator.render.app import RenderedApp, render_app
from generator.render.delivery import render_delivery
from generator.render.objects import ObjectRenderer
from generator.render.own_templates import find_template_mistakes
from generator.render.platform import render_platform
from generator.spec.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from generator.core.template_loader import TemplateLoader
    from generator.core.yaml import Document
    from generator.fleet.model import Fleet, ServiceEntry
    from generator.fleet.routing import Routing
    from generator.pipeline.app import Identity, Validate
    from generator.render.app import Manifest
    from generator.render.engine.shapes import Tree

    Progress = Callable[[int, int], None]
    Work = Callable[[list[ServiceEntry]], AppResult]
    Spread = Callable[[Work, list[list[ServiceEntry]]], Iterable[AppResult]]


@dataclass(slots=True)
class Plan:
    """What a repository's specs give. `files` (path -> text) is complete only when no problem is an error."""

    fleet: Fleet | None = None
    routing: Routing | None = None
    findings: list[Finding] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    objects: int = 0


def plan(
    specs: Mapping[str, bytes],
    loader: TemplateLoader,
    *,
    validate: Validate | None = None,
    spread: Spread = map,
    progress: Progress | None = None,
    now: datetime | None = None,
    base: Mapping[str, bytes] | None = None,
) -> Plan:
    """Resolve, check, render and validate everything.

    `validate` judges the objects of one app on one Kubernetes minor version; `spread` does the work of the apps, as
    `map` does, but maybe on several processors; `progress` is told how many apps are done; `now` and `base` as for
    `resolved`. Raises UsageError when the repository wants another version of servegen.
    """
    with _no_collector():
        out = resolved(specs, loader, now=now, base=base)
        if out.fleet is not None and out.routing is not None:
            _render(out, out.fleet, out.routing, loader, validate, spread, progress or _silent)
        out.findings = sort_findings(out.findings)
    return out


def resolved(
    specs: Mapping[str, bytes],
    loader: TemplateLoader,
    *,
    now: datetime | None = None,
    base: Mapping[str, bytes] | None = None,
) -> Plan:
    """The fleet with its routes and all problems that show without rendering.

    `now` is the time of the run, `base` the spec files of the revision that a change starts from: without them what
    compares with them is not judged. Raises UsageError as `plan` does.
    """
    fleet, findings = resolve(specs, Catalog(loader))
    if mistakes := find_template_mistakes(loader):
        return Plan(findings=sort_findings([*findings, *mistakes]))
    out = Plan(fleet, findings=findings)
    if fleet is not None:
        _check_version(fleet)
        out.routing = route_fleet(fleet)
        review = CheckContext(fleet, out.routing, now, read_specs(base)[0] if base is not None else None)
        out.findings = sort_findings([*findings, *_checked(review)])
    return out


def _checked(review: CheckContext) -> list[Finding]:
    try:
        return list(checks.run(review))
    except RefusedError as refused:  # by a template of the repository's own
        return list(refused.findings)


def manifests(fleet: Fleet, routing: Routing, loader: TemplateLoader) -> Iterator[Manifest]:
    """Every object of every environment, app by app."""
    objects = ObjectRenderer(loader)
    yield from _shared(fleet, routing, objects).manifests
    for services in fleet.apps().values():
        yield from render_app(fleet, routing, objects, services).manifests


def expected_builds(
    fleet: Fleet, routing: Routing, objects: ObjectRenderer, services: list[ServiceEntry]
) -> dict[str, list[Tree]]:
    """What `kustomize build` must give for each overlay of the app that holds `services`, by folder."""
    out: dict[str, list[Tree]] = {}
    for entry in render_app(fleet, routing, objects, services).manifests:
        folder = f"{RENDERED}/{services[0].project}/{services[0].app}/overlays/{entry.environment}"
        out.setdefault(folder, []).append(entry.tree)
    return out


def expected_platform_builds(fleet: Fleet, objects: ObjectRenderer) -> dict[str, list[Tree]]:
    """What `kustomize build` must give for each cluster's own folder."""
    out: dict[str, list[Tree]] = {}
    for entry in render_platform(fleet, objects).manifests:
        folder = f"{RENDERED}/platform/{fleet.contexts[entry.environment].cluster}"
        out.setdefault(folder, []).append(entry.tree)
    return out


def _shared(fleet: Fleet, routing: Routing, objects: ObjectRenderer) -> RenderedApp:
    """What belongs to no app: what a cluster has once, and what makes a tool sync."""
    platform = render_platform(fleet, objects)
    delivery = render_delivery(fleet, routing, objects, platform.files)
    return RenderedApp(platform.files | delivery.files, [*platform.manifests, *delivery.manifests])


def _render(
    out: Plan,
    fleet: Fleet,
    routing: Routing,
    loader: TemplateLoader,
    validate: Validate | None,
    spread: Spread,
    progress: Progress,
) -> None:
    objects = ObjectRenderer(loader)
    owners: dict[Identity, str] = {}
    told = {frozenset((p.position.file, place.file)) for p in out.findings if p.id == "N09" for place in p.also}
    apps = list(fleet.apps().values())

    def work(services: list[ServiceEntry]) -> AppResult:
        return build_app(fleet, routing, objects, services, validate)

    refused = {p.position.file for p in out.findings if p.id in ("H10", "H14") and p.severity is Severity.ERROR}
    shared = _build_shared(fleet, routing, objects, validate)
    for done, app in enumerate(chain([shared], spread(work, apps))):
        progress(done, len(apps))
        out.files |= app.files
        out.objects += len(app.identities)
        out.findings += [*_untold(app.findings, refused), *_collisions(fleet, app, owners, told)]
    progress(len(apps), len(apps))


def _build_shared(fleet: Fleet, routing: Routing, objects: ObjectRenderer, validate: Validate | None) -> AppResult:
    try:
        return validate_app(fleet, objects, _shared(fleet, routing, objects), validate)
    except RefusedError as refused:  # by a template of the repository's own
        return AppResult({}, list(refused.findings))


def _untold(findings: list[Finding], refused: set[str]) -> Iterator[Finding]:
    """Without what a route shows of a mistake that a check has told; `refused` are the specs with such mistakes."""
    for finding in findings:
        of_route = finding.id == "H16" or finding.message.startswith(("HTTPRoute ", "VirtualService "))
        if not (of_route and finding.position.file in refused):
            yield finding


def _collisions(fleet: Fleet, app: AppResult, owners: dict[Identity, str], told: set[frozenset[str]]) -> list[Finding]:
    """Objects that two specs would both write. `owners`: the spec of each object.

    A pair of specs is told once: not again what is in `told`, as N09 has found it without rendering.
    """
    out: list[Finding] = []
    for identity, environment, file in app.identities:
        other = owners.setdefault(identity, file)
        pair = frozenset((file, other))
        if other != file and pair not in told:
            told.add(pair)
            documents = {document.file: document for document in _documents(fleet)}
            where = f" in the namespace {identity[1]}" if identity[1] else ""
            message = f"the {identity[2]} {identity[3]}{where} is also made by another spec"
            hint = "one namespace holds one object of a name: rename one of the two files"
            position, also = documents[file].position(), (documents[other].position(),)
            out.append(Finding("F03", message, position, hint, also=also, environments=(environment,)))
    return out


def _documents(fleet: Fleet) -> Iterator[Document]:
    yield fleet.document
    yield from fleet.project_documents.values()
    yield from (service.document for service in fleet.services)


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
