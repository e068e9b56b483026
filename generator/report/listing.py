"""The output of `servegen list` about services and models: rows for programs, and table cells for users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.fleet.external import external, format_addresses
from generator.fleet.model_registry import deployed_in, users
from generator.fleet.routing import address
from generator.spec.settings import Resources
from generator.spec.values import byte_size, evaluation
from generator.spec.values.gpu import format_gpu
from generator.spec.values.text import format_bounds

if TYPE_CHECKING:
    from generator.fleet.model import Fleet, ModelEntry, ServiceEntry, ServiceInstance
    from generator.fleet.routing import Routing
    from generator.spec.model import Version
    from generator.spec.values.model_path import ModelPath

    Row = dict[str, Any]

SERVICE_HEADS: Final = ("SERVICE", "APP", "TYPE", "ENVIRONMENT", "STATE", "HOST", "ADDRESS", "REASON")
WIDE_SERVICE_HEADS: Final = (*SERVICE_HEADS, "MODEL", "VERSION", "REPLICAS", "CPU", "MEMORY", "GPU", "IMAGE")
MODEL_HEADS: Final = ("MODEL", "VERSION", "FRAMEWORK", "API", "METRICS", "SIZE", "RUN", "USED IN")
WIDE_MODEL_HEADS: Final = (*MODEL_HEADS, "PATH", "TIME", "DESCRIPTION")
_SIZES: Final = ("replicas", "cpu", "memory", "gpu", "image")


class Selection(Struct, frozen=True):
    """Which rows are listed: those of a project, a model and an environment; None selects all."""

    project: str | None = None
    model: str | None = None
    environment: str | None = None


def service_rows(fleet: Fleet, routing: Routing, selected: Selection) -> list[Row]:
    """Return a row for each selected service in each selected environment."""
    return [
        row
        for service in fleet.services
        if selected.project in (None, service.project) and selected.model in (None, service.spec.model)
        for row in _service(service, fleet, routing)
        if selected.environment in (None, row["environment"])
    ]


def service_cells(row: Row) -> list[str]:
    """Return one line of the table, in the order of WIDE_SERVICE_HEADS; the other table has the first of them."""
    keys = ("service", "app", "type", "environment", "state", "host")
    wide = ("model", "version", *_SIZES)
    cells = [*(row[key] or "" for key in keys), ",".join(row["address"]), row["reason"] or ""]
    return [*cells, *(row[key] or "" for key in wide)]


def model_rows(fleet: Fleet, selected: Selection) -> list[Row]:
    """Return a row for each version of each selected model; `used_in` lists the services by environment.

    An environment selects the versions that a service uses there.
    """
    rows = (
        _version(entry, name, version, fleet)
        for entry in fleet.models.values()
        if selected.project in (None, entry.project) and selected.model in (None, entry.name)
        for name, version in entry.spec.versions.items()
    )
    return [row for row in rows if selected.environment is None or selected.environment in row["used_in"]]


def model_cells(row: Row) -> list[str]:
    """Return one line of the table, in the order of WIDE_MODEL_HEADS; the other table has the first of them."""
    return [
        f"{row['project']}/{row['model']}",
        row["version"],
        row["framework"] or "",
        row["api"] or "",
        evaluation.format_evaluation(row["metrics"]),
        byte_size.format_size(row["size"]) if row["size"] is not None else "",
        row["run"] or "",
        ",".join(row["used_in"]),
        _path(row["path"]),
        row["time"] or "",
        row["description"] or "",
    ]


def _path(path: ModelPath | None) -> str:
    """Return one path, or those of the sub-models with their names."""
    return ",".join(f"{name}={one}" for name, one in path.items()) if isinstance(path, dict) else path or ""


def _service(service: ServiceEntry, fleet: Fleet, routing: Routing) -> list[Row]:
    spec = service.spec
    about: Row = {"service": service.name, "app": f"{service.project}/{service.app}", "type": spec.type}
    about |= {"model": spec.model, "version": spec.version}
    rows = [
        {
            **about,
            "environment": instance.environment.name,
            "state": str(routing.state(instance)),
            "host": address(instance),
            "address": _addresses(instance) if routing.runs(instance) else [],
            "reason": routing.reason(instance) or None,
            **_runs_with(instance),
        }
        for instance in (entries[service.key] for entries in fleet.instances.values() if service.key in entries)
    ]
    nowhere: Row = {"environment": None, "state": "not deployed", "host": None, "address": [], "reason": None}
    return rows or [{**about, **nowhere, **dict.fromkeys(_SIZES)}]


def _runs_with(instance: ServiceInstance) -> Row:
    """Return the size of the service there, each value in the form of a spec."""
    settings = instance.settings
    resources = settings.resources or Resources()
    replicas = settings.replicas
    amounts = (resources.cpu, resources.memory)
    cpu, memory = (format_bounds(amount.request, amount.limit) if amount is not None else None for amount in amounts)
    return {
        "replicas": format_bounds(replicas.min, replicas.max) if replicas is not None else None,
        "cpu": cpu,
        "memory": memory,
        "gpu": format_gpu(resources.gpu) if resources.gpu is not None else None,
        "image": settings.image,
    }


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
