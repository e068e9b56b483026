"""The dashboards of a cluster: one for each model server that it runs, and one for all of its services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.fleet.metrics import metrics_of, queue_metric
from generator.render.dashboards.model import Board, Line, Mark, Panel, Variable
from generator.render.dashboards.names import FLEET, board_name, board_uid, server_uid
from generator.render.dashboards.queries import SUFFIX, fill, of_metric, of_series, of_shares

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.fleet.model import ServiceInstance
    from generator.render.cluster.manifest_input import ClusterContext
    from generator.spec.catalog import Catalog
    from generator.spec.dashboards import Dashboard, SignalSeries
    from generator.spec.server import Server

_QUEUE: Final = "queue"
_GPU: Final = "gpu"
_PODS: Final = f"/^(.+)-(?:{SUFFIX})$/"


def boards(site: ClusterContext) -> Iterator[Board]:
    """Yield the dashboards of a cluster, that of all services first; none if it has no service."""
    instances = list(_instances(site))
    if instances:
        yield _fleet(site, instances)
        for type in sorted({entry.service.spec.type for entry in instances}):
            yield _server(site, type)


def _instances(site: ClusterContext) -> Iterator[ServiceInstance]:
    for name, context in site.fleet.contexts.items():
        if name and context.cluster == site.name:
            yield from site.fleet.instances[name].values()


def _fleet(site: ClusterContext, instances: Iterable[ServiceInstance]) -> Board:
    rows = dict(_rows(layout := site.fleet.catalog.dashboard("fleet")))
    if splits := tuple(_splits(instances)):
        rows["Splits"] = splits
    return Board(
        name=FLEET,
        uid=board_uid(site.name, FLEET),
        title=f"Services on {site.name}",
        description=layout.description,
        variables=(_namespaces(site, several=True),),
        marks=tuple(_marks(layout)),
        rows=rows,
    )


def _server(site: ClusterContext, type: str) -> Board:
    catalog = site.fleet.catalog
    layout, server = catalog.dashboard("service"), catalog.servers[type][0]
    rows = [(title, panels) for title, panels in _rows(layout)]
    signals = tuple(_signals(catalog, server))
    cards = tuple(_cards(site))
    return Board(
        name=board_name(type),
        uid=server_uid(site.name, type),
        title=f"{type} on {site.name}",
        description=f"{layout.description}. {server.description}",
        variables=(_namespaces(site), _services(server)),
        marks=tuple(_marks(layout)),
        rows={
            **dict(rows[:1]),
            **({"Requests in the server": signals} if signals else {}),
            **dict(rows[1:]),
            **({"Cards": cards} if cards else {}),
        },
    )


def _rows(layout: Dashboard) -> Iterator[tuple[str, tuple[Panel, ...]]]:
    for row, panels in layout.rows.items():
        made = (
            Panel(title, panel.unit, panel.description, _lines({key: fill(q) for key, q in panel.queries.items()}))
            for title, panel in panels.items()
        )
        yield row, tuple(made)


def _marks(layout: Dashboard) -> Iterator[Mark]:
    for name, mark in layout.marks.items():
        yield Mark(name, fill(mark.query), mark.title, mark.color, mark.value_is_time)


def _signals(catalog: Catalog, server: Server) -> Iterator[Panel]:
    """Yield a panel for each signal that the server has, in the order of its file, its queue last."""
    for name, entries in server.signals.items():
        yield _signal(catalog, name, _of_entries(entries))
    if server.queue is not None and (query := queue_metric(server.queue).query) is not None:
        yield _signal(catalog, _QUEUE, of_metric(query))


def _of_entries(entries: Iterable[SignalSeries]) -> dict[str, str]:
    return {legend: query for entry in entries for legend, query in of_series(entry).items()}


def _signal(catalog: Catalog, name: str, queries: Mapping[str, str]) -> Panel:
    signal = catalog.signals[name]
    return Panel(signal.title, signal.unit, signal.description, _lines(queries))


def _cards(site: ClusterContext) -> Iterator[Panel]:
    metric = metrics_of(site.facts, site.fleet.catalog.exporters).get(_GPU)
    if metric is not None and metric.query is not None and metric.kind == "Pods":
        unit = "percent" if metric.scale != 1 else "percentunit"
        yield Panel("Load of cards", unit, "As autoscalers with gpu in hpa see it.", _lines(of_metric(metric.query)))


def _splits(instances: Iterable[ServiceInstance]) -> Iterator[Panel]:
    """Yield a panel for each host that services share: what each of them gets."""
    for entry in instances:
        shares = entry.settings.split or ()
        if shares:
            services = [entry.service.name, *(share.service for share in shares)]
            title = f"{entry.namespace}/{entry.service.name}"
            description = "The part of the requests that each service gets."
            yield Panel(title, "percentunit", description, _lines(of_shares(entry.namespace, services)))


def _lines(queries: Mapping[str, str]) -> tuple[Line, ...]:
    return tuple(Line(legend, query) for legend, query in queries.items())


def _namespaces(site: ClusterContext, *, several: bool = False) -> Variable:
    shown = {f"{space.name} ({space.environment})": space.name for space in site.spaces}
    return Variable("namespace", "Namespace", values=shown, several=several)


def _services(server: Server) -> Variable:
    """Return the variable of the services: those with series of the server, or with a Deployment if it has none."""
    series = next((entry.series for entries in server.signals.values() for entry in entries), None)
    if series is None:
        found = 'label_values(kube_deployment_spec_replicas{namespace="$namespace"}, deployment)'
        return Variable("service", "Service", query=found)
    found = f'label_values({series}{{namespace="$namespace"}}, pod)'
    return Variable("service", "Service", query=found, regex=_PODS)
