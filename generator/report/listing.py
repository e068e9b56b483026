"""The output of `servegen list` about services and models: rows for programs, and table cells for users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.fleet.external import external, format_addresses
from generator.fleet.model_registry import deployed_in, users
from generator.fleet.routing import address
from generator.spec.values import byte_size, evaluation

if TYPE_CHECKING:
    from generator.fleet.model import Fleet, ModelEntry, ServiceEntry, ServiceInstance
    from generator.fleet.routing import Routing
    from generator.spec.model import Version

    Row = dict[str, Any]

SERVICE_HEADS: Final = ("SERVICE", "APP", "TYPE", "ENVIRONMENT", "STATE", "HOST", "ADDRESS", "REASON")
MODEL_HEADS: Final = ("MODEL", "VERSION", "FRAMEWORK", "API", "METRICS", "SIZE", "RUN", "USED IN")


def service_rows(fleet: Fleet, routing: Routing, *, project: str | None = None, model: str | None = None) -> list[Row]:
    """Return a row for each service in each environment; `project` and `model`, if given, select some of them."""
    return [
        row
        for service in fleet.services
        if project in (None, service.project) and model in (None, service.spec.model)
        for row in _service(service, fleet, routing)
    ]


def service_cells(row: Row) -> list[str]:
    """Return one line of the table, in the order of SERVICE_HEADS."""
    keys = ("service", "app", "type", "environment", "state", "host")
    return [*(row[key] or "" for key in keys), ",".join(row["address"]), row["reason"] or ""]


def model_rows(fleet: Fleet, *, project: str | None = None, model: str | None = None) -> list[Row]:
    """Return a row for each version of each model; `used_in` lists the services by environment.

    `project` and `model`, if given, select some of them.
    """
    return [
        _version(entry, name, version, fleet)
        for entry in fleet.models.values()
        if project in (None, entry.project) and model in (None, entry.name)
        for name, version in entry.spec.versions.items()
    ]


def model_cells(row: Row) -> list[str]:
    """Return one line of the table, in the order of MODEL_HEADS."""
    return [
        f"{row['project']}/{row['model']}",
        row["version"],
        row["framework"] or "",
        row["api"] or "",
        evaluation.format_evaluation(row["metrics"]),
        byte_size.format_size(row["size"]) if row["size"] is not None else "",
        row["run"] or "",
        ",".join(row["used_in"]),
    ]


def _service(service: ServiceEntry, fleet: Fleet, routing: Routing) -> list[Row]:
    about: Row = {"service": service.name, "app": f"{service.project}/{service.app}", "type": service.spec.type}
    rows = [
        {
            **about,
            "environment": instance.environment.name,
            "state": str(routing.state(instance)),
            "host": address(instance),
            "address": _addresses(instance) if routing.runs(instance) else [],
            "reason": routing.reason(instance) or None,
        }
        for instance in (entries[service.key] for entries in fleet.instances.values() if service.key in entries)
    ]
    nowhere: Row = {"environment": None, "state": "not deployed", "host": None, "address": [], "reason": None}
    return rows or [{**about, **nowhere}]


def _addresses(instance: ServiceInstance) -> list[str]:
    """Return the external addresses of the service, in addition to its host."""
    given = external(instance)
    return format_addresses(given) if given is not None else []


def _version(entry: ModelEntry, name: str, version: Version, fleet: Fleet) -> Row:
    origin = version.origin
    return {
        "model": entry.name,
        "project": entry.project,
        "version": name,
        "path": version.path,
        "framework": version.framework,
        "api": version.api,
        "metrics": version.metrics,
        "description": version.description,
        "digest": version.digest,
        "size": version.size,
        "download": version.download,
        "tags": version.tags or {},
        "pipeline": origin.pipeline if origin is not None else None,
        "run": origin.run if origin is not None else None,
        "time": origin.time if origin is not None else None,
        "commit": origin.commit if origin is not None else None,
        "used_in": _used_in(entry, name, fleet),
    }


def _used_in(entry: ModelEntry, version: str, fleet: Fleet) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for service in users(fleet.services, entry.project, entry.name, version):
        for environment in deployed_in(service):
            out.setdefault(environment, []).append(service.name)
    return {name: out[name] for name in (*fleet.environments, *out) if name in out}
