"""The pipeline that every command uses: specs -> fleet -> checks -> rendered files -> validated objects."""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct

from generator.checks import apply_supersedes
from generator.checks.context import CheckContext
from generator.checks.doubt import drop_doubtful
from generator.checks.files import check_files
from generator.checks.fleet import run_checks
from generator.checks.same_line import drop_second_findings
from generator.core.collector import no_collector
from generator.core.errors import RefusedError
from generator.core.finding import has_errors, sort_findings
from generator.fleet.grants import GrantBook
from generator.fleet.load import read_specs
from generator.fleet.routing import route_fleet
from generator.pipeline.fleet_memory import FleetMemory
from generator.pipeline.grants import judged_by, summarize
from generator.pipeline.resolved import Resolved
from generator.pipeline.routing_before import find_routes_before
from generator.pipeline.waivers import WaiverBook
from generator.render.engine.renderer import Renderer
from generator.render.launch.template import LaunchRenderer
from generator.render.own_templates import find_template_mistakes
from generator.schemas.own import find_schema_mistakes
from generator.spec.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from generator.core.finding import Finding
    from generator.core.template_loader import TemplateLoader
    from generator.fleet.capacity.plan import ClusterPlan
    from generator.fleet.capacity.pods import Workload
    from generator.fleet.model import Fleet, ServiceEntry
    from generator.fleet.routing import Routing
    from generator.pipeline.app import AppResult, Validate
    from generator.pipeline.app_memory import AppMemory

    Progress = Callable[[int, int], None]
    Work = Callable[[list[ServiceEntry]], AppResult]
    Spread = Callable[[Work, list[list[ServiceEntry]]], Iterable[AppResult]]


class Plan(Struct, frozen=True):
    """The result of rendering a repository's specs.

    `files` maps paths in the repository to the text of each file; it is complete only if no finding is an error.
    `versions` are the numbers of rendered objects by Kubernetes minor version. `findings` includes those of
    `resolved`, and so does `ungranted`. `capacity` has the plans of the clusters with node pools.
    """

    resolved: Resolved
    files: dict[str, str]
    versions: Mapping[str, int]
    findings: tuple[Finding, ...]
    ungranted: tuple[Finding, ...]
    capacity: tuple[ClusterPlan, ...]

    @property
    def objects(self) -> int:
        """The number of rendered objects."""
        return sum(self.versions.values())

    @property
    def fleet(self) -> Fleet:
        """The fleet that was rendered."""
        return self.resolved.fleet

    @property
    def routing(self) -> Routing:
        """The routes of the fleet."""
        return self.resolved.routing

    @property
    def has_errors(self) -> bool:
        """Whether one of the findings is an error."""
        return has_errors(self.findings)

    def require_no_errors(self, specs: Mapping[str, bytes]) -> Plan:
        """Return this plan. Raises RefusedError, with `specs` as its sources, if one of the findings is an error."""
        if self.has_errors:
            raise RefusedError(self.findings, specs)
        return self


def plan(
    specs: Mapping[str, bytes],
    loader: TemplateLoader,
    *,
    validate: Validate | None = None,
    spread: Spread = map,
    progress: Progress | None = None,
    now: datetime | None = None,
    base: Mapping[str, bytes] | None = None,
    trusted: bool = False,
    unread: Iterable[str] = (),
    thorough: bool = True,
    memory: AppMemory | None = None,
    fleet_memory: FleetMemory | None = None,
) -> Plan:
    """Resolve, check, render and validate everything.

    `validate` checks the objects of one app against one Kubernetes minor version. `spread` applies a function to all
    apps as `map` does, possibly on several processors. `progress` gets the number of finished apps and the number of
    all apps. `now`, `base`, `trusted` and `unread` are as for `resolve_fleet`, `thorough` is as for `validate_app`.
    `memory` has the results of apps of earlier runs with the same `validate`, `fleet_memory` is what `resolve_fleet`
    takes as `memory`. Raises what `resolve_fleet` raises.
    """
    with no_collector():
        resolved = resolve_fleet(specs, loader, now=now, base=base, trusted=trusted, unread=unread, memory=fleet_memory)
        todo = _Rendering(specs, resolved, loader, validate, thorough)
        return _render(todo, spread, memory, progress or _ignore)


def resolve_fleet(
    specs: Mapping[str, bytes],
    loader: TemplateLoader,
    *,
    now: datetime | None = None,
    base: Mapping[str, bytes] | None = None,
    trusted: bool = False,
    unread: Iterable[str] = (),
    memory: FleetMemory | None = None,
) -> Resolved:
    """Return the fleet that the spec files (path -> content) describe, with all checks that need no rendering.

    `now` is the time of the run, `base` are the spec files of the revision that a change starts from. The checks that
    compare with `now` or `base` find nothing without it. With `trusted` the grants of `base` decide what projects may
    use. `unread` are paths in services/ that were found and not read, `memory` what was resolved before with
    the same templates. Raises RefusedError if the specs give no fleet at all or a template of the repository's own has
    errors.
    """
    memory = memory or FleetMemory(Catalog(loader), keeps_fleet=False)
    fleet, findings = memory.resolve(specs, unread)
    findings += check_files(specs)
    mistakes = [*find_template_mistakes(loader), *find_schema_mistakes(loader)]
    if fleet is None or mistakes:
        raise RefusedError(sort_findings([*findings, *mistakes]), specs)
    before = read_specs(base, read=memory.read)[0] if base is not None else None
    launches = LaunchRenderer(Renderer(loader), memory.catalog)
    fleet, unfit = memory.complete(judged_by(fleet, before if trusted else None), launches)
    routing = route_fleet(fleet)
    routing_before = find_routes_before(specs, base, memory) if base is not None else None
    checked = _checked(CheckContext(fleet, routing, now, before, routing_before))
    findings += drop_doubtful([*unfit, *checked], fleet.damage)
    waivers = WaiverBook(fleet, now.astimezone(UTC).date() if now is not None else None, before)
    findings = waivers.apply(findings)
    if fleet.salvaged:
        fleet = fleet.drop_broken()
        routing = route_fleet(fleet)
    return Resolved(fleet, routing, tuple(sort_findings(summarize(fleet, findings))), _ungranted(findings), waivers)


def _ungranted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.grant is not None)


def _checked(context: CheckContext) -> list[Finding]:
    try:
        return run_checks(context)
    except RefusedError as refused:  # raised for a template of the repository's own
        return list(refused.findings)


class _Rendering(Struct, frozen=True):
    """What one plan renders, and how its objects are judged."""

    specs: Mapping[str, bytes]
    resolved: Resolved
    loader: TemplateLoader
    validate: Validate | None
    thorough: bool


def _render(todo: _Rendering, spread: Spread, memory: AppMemory | None, progress: Progress) -> Plan:
    # Half of all modules, which commands that only read the fleet do without.
    from generator.checks.capacity import CapacityContext, check_capacity
    from generator.pipeline.app import build_app, build_shared_objects
    from generator.pipeline.app_key import AppKeys
    from generator.pipeline.capacity import CapacityBook
    from generator.pipeline.collisions import Collisions
    from generator.render.objects import ObjectRenderer

    resolved, validate, thorough = todo.resolved, todo.validate, todo.thorough
    fleet, routing = resolved.fleet, resolved.routing
    renderer, book = ObjectRenderer(todo.loader), GrantBook(fleet)
    capacity = CapacityBook.open(fleet, routing, renderer)
    apps = list(fleet.apps().values())

    def work(services: list[ServiceEntry]) -> AppResult:
        return build_app(book, capacity, routing, renderer, services, validate, thorough=thorough)

    if memory is not None:
        keys = AppKeys(todo.specs, fleet, routing, capacity, memory.inputs, thorough)
        spread = partial(memory.spread, keys.of(apps), spread)
    shared = build_shared_objects(book, routing, renderer, validate, thorough=thorough)
    collisions = Collisions(fleet)
    files: dict[str, str] = {}
    findings: list[Finding] = []
    pods: list[Workload] = []
    versions = Counter[str]()
    for done, app in enumerate(chain([shared], spread(work, apps))):
        progress(done, len(apps))
        files |= app.files
        versions.update(fleet.contexts[name].facts.kubernetes for _, name, _ in app.identities)
        pods += app.pods
        findings += drop_doubtful([*app.findings, *collisions.add(app)], fleet.damage)
    progress(len(apps), len(apps))
    plans = capacity.plans(pods)
    findings += drop_doubtful(check_capacity(CapacityContext(fleet, plans)), fleet.damage)
    findings = resolved.waivers.apply(findings)
    kept = apply_supersedes([*resolved.findings, *findings])
    ungranted = (*resolved.ungranted, *_ungranted(kept))
    shown = summarize(fleet, [*kept, *ungranted])
    shown = drop_second_findings([*shown, *drop_doubtful(resolved.waivers.check(shown), fleet.damage)])
    return Plan(resolved, files, versions, tuple(sort_findings(shown)), ungranted, plans)


def _ignore(done: int, total: int) -> None:
    """Report no progress."""
