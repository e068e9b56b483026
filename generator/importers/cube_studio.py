"""Convert cube-studio's inference services and model records to specs.

Source: the data files that cube-studio loads at its first start (init-inference.json, init-train-model.json), and rows
of its tables `inferenceservice` and `model`. Both are JSON: a mapping of rows, or a list of them. Rows are interpreted
as cube-studio does; if cube-studio ignored or dropped a value, a note says what the import does with it.
"""

from __future__ import annotations

import re
import shlex
from typing import Any

from msgspec import Struct, field

from generator.importers.columns import ImportOptions, Keys
from generator.importers.names import slug
from generator.importers.note import Note
from generator.importers.regenerate import model_facts
from generator.importers.rows import Row, rows
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.names import service_name
from generator.spec.values.text import list_few


class ImportedService(Struct):
    """A service to write: project, app and name, the keys of its spec, and the row that it comes from."""

    project: str
    app: str
    name: str
    keys: dict[str, Any]
    row: Row


class ImportResult(Struct):
    """The result of importing a file.

    `projects` maps folders to titles. `versions` holds the facts of model versions, by project and model, then by
    version. `refused` are the rows that could not be imported, with the reason.
    """

    projects: dict[str, str] = field(default_factory=dict)
    services: list[ImportedService] = field(default_factory=list)
    versions: dict[tuple[str, str], dict[str, dict[str, Any]]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    refused: list[Note] = field(default_factory=list)


def convert(data: Any, options: ImportOptions) -> ImportResult:
    """Convert every row of parsed JSON to specs; a row that cannot be converted is in `refused` with the reason."""
    out = ImportResult()
    for row in rows(data, out.refused):
        project = _project(row, options, out)
        if row.is_model:
            _model(row, project, options, out)
        else:
            _service(row, project, options, out)
    _apps(out)
    _rename_targets(out)
    return out


def _named(row: Row, column: str, options: ImportOptions) -> str:
    """Return the name in a column as a name of files. Raises InvalidValueError if nothing is left of it."""
    text = row.text(column)
    name = slug(options.renames.get(text, text), "")
    if text and not re.search("[a-z]", name):
        raise InvalidValueError(text, "a name with a Latin letter", hint=f"use --rename {shlex.quote(f'{text}=NAME')}")
    return name


def _project(row: Row, options: ImportOptions, out: ImportResult) -> str:
    title = row.text("project_name") or "public"
    folder = next((name for name, known in out.projects.items() if known == title), None)
    if folder is None:
        folder = slug(options.renames.get(title, title), f"project-{len(out.projects) + 1}")
        out.projects[folder] = title
        if folder != title:
            out.notes.append(
                Note(
                    row.key,
                    "project_name",
                    f'the project "{title}" became the folder {folder}; its title is kept{_other(title, options)}',
                )
            )
    return folder


def _other(title: str, options: ImportOptions) -> str:
    """Return how to choose a folder for a title from which none follows."""
    return (
        ""
        if slug(title, "") or title in options.renames
        else f" (--rename {shlex.quote(f'{title}=NAME')} for another folder)"
    )


def _model(row: Row, project: str, options: ImportOptions, out: ImportResult) -> None:
    name, version = row.text("name"), row.text("version")
    if not name or not version or not row.text("path"):
        out.refused.append(Note(row.key, "path", "a model needs a name, a version and a path"))
        return
    try:
        model = _named(row, "name", options)
    except InvalidValueError as mistake:
        out.refused.append(Note(row.key, "name", f"{mistake}; {mistake.hint}"))
        return
    origin = {"pipeline": row.number("pipeline_id"), "run": row.text("run_id"), "time": row.text("run_time")}
    digest = row.text("md5")
    facts = {
        "path": row.mapping_or_text("path"),
        "framework": row.text("framework"),
        "api": row.text("api_type"),
        "metrics": row.mapping_or_text("metrics"),
        "description": row.text("describe"),
        "digest": f"md5:{digest}" if digest else None,
        "download": row.text("download_url"),
        "origin": {key: value for key, value in origin.items() if value} or None,
    }
    _version(out, project, model, version, facts)


def _version(out: ImportResult, project: str, model: str, version: str, facts: dict[str, Any]) -> None:
    known = out.versions.setdefault((project, model), {}).setdefault(version, {})
    known.setdefault("path", "")
    known.update({key: value for key, value in facts.items() if value})


def _service(row: Row, project: str, options: ImportOptions, out: ImportResult) -> None:
    version = row.text("model_version")
    type_ = row.text("service_type") or "serving"
    if type_ not in options.types:
        known = list_few(options.types)
        out.refused.append(Note(row.key, "service_type", f"unknown type {type_}; known types: {known}"))
        return
    try:
        model = _named(row, "model_name", options)
        name = service_name(model, version)
        keys = Keys(row, options, out.notes).service(model, version, type_)
    except InvalidValueError as mistake:
        column = "model_name" if mistake.found == row.text("model_name") else ""
        out.refused.append(Note(row.key, column, f"{mistake}; {mistake.hint}".rstrip("; ")))
        return
    regenerated = "command" not in keys and row.text("command")
    facts = model_facts(type_, row, out.notes) if regenerated else {}
    if row.text("name") not in ("", name):
        out.notes.append(
            Note(row.key, "name", f"{row.text('name')} becomes {name}: the model name and the digits of the version")
        )
    _version(out, project, model, version, {"path": row.mapping_or_text("model_path"), "api": type_, **facts})
    if not row.text("model_path"):
        out.notes.append(Note(row.key, "model_path", "it is empty, so the path in the registry is empty too"))
    out.services.append(ImportedService(project, model, name, keys, row))


def _rename_targets(out: ImportResult) -> None:
    """Name the targets of splits and mirrors by their new names: the services of the same project that are here."""
    names = {(service.project, service.row.text("name")): service.name for service in out.services}
    kept = {(service.project, service.name) for service in out.services}
    for service in out.services:
        for key, column in (("split", "canary"), ("mirror", "shadow")):
            for old in re.findall(r"([^:,]+):", service.keys.get(key, "")):
                new = names.get((service.project, old), old)
                if new != old:
                    service.keys[key] = re.sub(rf"(?<![^,]){re.escape(old)}:", f"{new}:", service.keys[key])
                    out.notes.append(Note(service.row.key, column, f"{old} is now {new}"))
                elif (service.project, old) not in kept:
                    out.notes.append(
                        Note(service.row.key, column, f"{old} is in none of these rows: it keeps its name")
                    )


def _apps(out: ImportResult) -> None:
    """Put services that share a host, or one of which splits requests to the other, into one app.

    Such services are taken over together.
    """
    apps: dict[str, str] = {}

    def find(app: str) -> str:
        while apps.get(app, app) != app:
            app = apps[app]
        return app

    by_name = {service.row.text("name") or service.name: service for service in out.services}
    by_host: dict[tuple[str, str], ImportedService] = {}
    for service in out.services:
        domain = re.match(
            r"(?:https?://)?([A-Za-z0-9.-]+\.[A-Za-z][A-Za-z0-9-]*)(?=[:/]|$)", service.keys.get("host", "")
        )
        tied = [by_name.get(name) for name in re.findall(r"([a-z0-9-]+):\d", service.keys.get("split", ""))]
        if domain:
            tied.append(by_host.setdefault((service.project, domain[1].lower()), service))
        for other in tied:
            if other is not None and other.project == service.project and find(other.app) != find(service.app):
                apps[find(service.app)] = find(other.app)
    for service in out.services:
        app = find(service.app)
        if app != service.app:
            out.notes.append(
                Note(service.row.key, "host", f"moved to the app {app}: it shares a host or a split with it")
            )
            service.app = app
