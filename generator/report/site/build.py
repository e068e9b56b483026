"""Make the model of the page of the fleet from the fleet, its routes, and what Git says about the specs."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from generator.fleet.addresses import Via, service_addresses
from generator.fleet.routing import address
from generator.report.conceal import Concealer
from generator.report.site.model import (
    DeployedService,
    EnvironmentEntry,
    FleetSite,
    HistoryRow,
    HostRow,
    ServiceSheet,
    SiteRevision,
)
from generator.report.site.models import model_sheets
from generator.report.site.pools import pool_rows
from generator.report.site.settings import SettingsReader
from generator.report.site.shares import STOPPED, gateways_of, shares, state_of
from generator.report.web_pages import TITLES, dashboard, delivery_object
from generator.spec.values.gpu import format_gpu
from generator.spec.values.model_path import sub_models
from generator.spec.values.text import format_bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from generator.fleet.addresses import ServiceAddress
    from generator.fleet.model import Fleet, ServiceEntry, ServiceInstance
    from generator.fleet.routes import HostClaims
    from generator.fleet.routing import Routing
    from generator.repo.spec_history import SpecCommit
    from generator.spec.values.gpu import Gpu

# Of the services that name one host; superseded ones are last.
_ORDER: Final = ("owner", "split", "by header", "mirror", "undecided", STOPPED, "waiting")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


class SiteSources(Struct, frozen=True):
    """What the fleet itself does not say: the commit, the owners of a file, the commits of each spec, and the specs."""

    specs: Mapping[str, bytes]
    revision: SiteRevision = field(default_factory=SiteRevision)
    owners: Callable[[str], tuple[str, ...]] = lambda _: ()
    history: Mapping[str, Sequence[SpecCommit]] = field(default_factory=dict)


def build_site(fleet: Fleet, routing: Routing, sources: SiteSources) -> FleetSite:
    """Return the page of a fleet. Of equal inputs it is equal; no time of the run is in it."""
    return _SiteBuilder(fleet, routing, sources).site()


class _SiteBuilder(Struct, frozen=True, dict=True):
    fleet: Fleet
    routing: Routing
    sources: SiteSources

    def site(self) -> FleetSite:
        reader = SettingsReader(self._concealer.hider)
        return FleetSite(
            self.sources.revision,
            tuple(map(self._environment, self.fleet.instances)),
            tuple(self._service(entry, reader) for entry in self.fleet.services),
            model_sheets(self.fleet, self._concealer),
            tuple(self._hosts()),
            tuple(pool_rows(self.fleet)),
        )

    @cached_property
    def _concealer(self) -> Concealer:
        return Concealer((self.sources.specs,))

    @cached_property
    def _shares(self) -> dict[int, str]:
        return shares(self.routing)

    def _environment(self, name: str) -> EnvironmentEntry:
        context = self.fleet.contexts[name]
        links = tuple((TITLES.get(link, link), where) for link, where in context.facts.links.items())
        return EnvironmentEntry(name, context.cluster, self.fleet.environments[name].stage, links)

    def _service(self, entry: ServiceEntry, reader: SettingsReader) -> ServiceSheet:
        spec, file = entry.spec, entry.document.file
        instances = [found[entry.key] for found in self.fleet.instances.values() if entry.key in found]
        base = self.fleet.bases.get(entry.key)
        server = next((one.server for one in (*instances, base) if one is not None), None)
        return ServiceSheet(
            project=entry.project,
            app=entry.app,
            name=entry.name,
            model=spec.model,
            version=spec.version,
            type=spec.type,
            description=self._concealer.hide(spec.description or "", [file]),
            owners=self.sources.owners(file),
            api=server.api if server is not None else None,
            served=_served(entry, instances),
            file=file,
            spec=self._concealer.hide_in_file(self.sources.specs.get(file, b"")),
            deployed=tuple(map(self._deployed, instances)),
            settings=reader.rows(instances),
            history=tuple(map(_history, self.sources.history.get(file, ()))),
        )

    def _deployed(self, instance: ServiceInstance) -> DeployedService:
        settings, found = instance.settings, service_addresses(self.routing, instance)
        replicas, runs = settings.replicas, self.routing.runs(instance)
        return DeployedService(
            environment=instance.environment.name,
            namespace=instance.namespace,
            state=state_of(self.routing, instance, self._shares),
            reason=self.routing.reason(instance),
            host=address(instance),
            card=_card(settings.gpu),
            replicas=format_bounds(replicas.min, replicas.max) if replicas is not None and runs else "",
            released=instance.released.strftime(_TIME) if instance.released is not None else "",
            addresses=tuple((one.via.words, one.text) for one in found),
            calls=(_call(found, http=True), _call(found, http=False)),
            application=delivery_object(instance),
            dashboard=dashboard(instance),
        )

    def _hosts(self) -> list[HostRow]:
        return [
            HostRow(
                environment,
                claims.address,
                gateways_of(claims.services[:1]),
                self._claimants(claims),
            )
            for environment, entries in self.routing.claims.items()
            for claims in entries
        ]

    def _claimants(self, claims: HostClaims) -> tuple[tuple[str, str], ...]:
        """Return the services that name a host with their states: first what a request meets, then what waits."""
        found = [("/".join(one.service.key), state_of(self.routing, one, self._shares)) for one in claims.services]
        return tuple(sorted(found, key=lambda one: _rank(one[1])))


def _rank(state: str) -> int:
    return next((place for place, word in enumerate(_ORDER) if state.startswith(word)), len(_ORDER))


def _card(gpu: Gpu | None) -> str:
    """Return the request for cards as a spec writes it; empty for none."""
    return format_gpu(gpu) if gpu is not None and gpu.has_card else ""


def _served(entry: ServiceEntry, instances: Sequence[ServiceInstance]) -> tuple[str, ...]:
    """Return the names by which clients ask for the models: those of sub-models, or the model's own."""
    version = next((one.version for one in instances if one.version is not None), None)
    keys = sub_models(version.path) if version is not None else []
    return tuple(key or entry.spec.model for key in keys) or (entry.spec.model,)


def _call(found: Sequence[ServiceAddress], *, http: bool) -> str:
    """Return the address that an example uses: from outside of the cluster if there is one; empty without any."""
    spoken = ("http", "http2", "https") if http else ("grpc",)
    usable = [one for one in found if one.protocol in spoken]
    outside = [one for one in usable if one.via is not Via.CLUSTER]
    return next((one.text.rstrip("/") for one in (*outside, *usable)), "")


def _history(commit: SpecCommit) -> HistoryRow:
    return HistoryRow(commit.time.strftime(_TIME), commit.author, ", ".join(commit.what), commit.commit)
