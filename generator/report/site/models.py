"""The models of the registry with their versions, as the page of the fleet shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.report.site.model import ModelSheet, ModelVersionRow
from generator.spec.values import byte_size, evaluation

if TYPE_CHECKING:
    from generator.fleet.model import Fleet, ModelEntry
    from generator.report.conceal import Concealer
    from generator.spec.model import Version
    from generator.spec.values.model_path import ModelPath

    # The services of each version, by project, model and version.
    _Users = dict[tuple[str, str, str], list[str]]


def model_sheets(fleet: Fleet, concealer: Concealer) -> tuple[ModelSheet, ...]:
    """Return all models, in the order of their files."""
    used: _Users = {}
    for service in fleet.services:
        used.setdefault((service.project, service.spec.model, service.spec.version), []).append("/".join(service.key))
    return tuple(_sheet(entry, used, concealer) for entry in fleet.models.values())


def _sheet(entry: ModelEntry, used: _Users, concealer: Concealer) -> ModelSheet:
    files = [entry.document.file]
    versions = tuple(
        ModelVersionRow(
            name,
            {key: concealer.hide(text, files) for key, text in _facts(version).items() if text},
            tuple(used.get((entry.project, entry.name, name), ())),
        )
        for name, version in entry.spec.versions.items()
    )
    return ModelSheet(entry.project, entry.name, concealer.hide(entry.spec.description or "", files), versions)


def _facts(version: Version) -> dict[str, str]:
    origin = version.origin
    return {
        "framework": version.framework or "",
        "metrics": evaluation.format_evaluation(version.metrics),
        "size": byte_size.format_size(version.size) if version.size is not None else "",
        "path": _path(version.path),
        "pipeline": (origin.pipeline or "") if origin is not None else "",
        "run": (origin.run or "") if origin is not None else "",
        "time": str(origin.time or "") if origin is not None else "",
        "commit": (origin.commit or "") if origin is not None else "",
        "description": version.description or "",
    }


def _path(path: ModelPath) -> str:
    """Return one path, or those of the sub-models with their names."""
    return ", ".join(f"{name}={one}" for name, one in path.items()) if isinstance(path, dict) else path
