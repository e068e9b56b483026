"""Look up the names given on the command line in a fleet. An unknown name raises UsageError with a hint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.core.errors import UsageError
from generator.spec.values.text import closest, list_few, list_known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.fleet.model import Fleet, ModelEntry, ServiceEntry
    from generator.spec.model import Version

    Registry = Mapping[tuple[str, str], ModelEntry]


def find_service(fleet: Fleet, name: str) -> ServiceEntry:
    """Return the service with this name or project/app/name.

    Raises UsageError when there is no such service, when there are several, or when its spec cannot be read.
    """
    found = [entry for entry in fleet.services if name in (entry.name, "/".join(entry.key))]
    if len(found) == 1:
        return found[0]
    if found:
        paths = ", ".join("/".join(entry.key) for entry in found)
        raise UsageError(f"several services have the name {name}", hint=f"use one of {paths}")
    if name.rpartition("/")[2] in fleet.unread:
        raise UsageError(f"the spec of {name} cannot be read", hint="`servegen validate` reports its errors")
    names = [entry.name for entry in fleet.services]
    raise UsageError(
        f"there is no service {name}", hint=closest(name, names) or "`servegen list services` prints the known names"
    )


def find_environment(fleet: Fleet, name: str) -> str:
    """Return `name` if the platform has an environment of that name. Raises UsageError otherwise."""
    if name in fleet.environments:
        return name
    hint = closest(name, fleet.environments) or list_known("environments", fleet.environments)
    raise UsageError(f"there is no environment {name}", hint=hint)


def split_model_name(model: str, project: str | None) -> tuple[str | None, str]:
    """Split MODEL, a name or project/name, into the project (None if neither argument gives one) and the name.

    Raises UsageError when MODEL and --project name different projects.
    """
    before, slash, name = model.rpartition("/")
    if slash and project not in (None, before):
        raise UsageError(f"{model} is not in the project {project}", hint=f"remove --project, or write {name}")
    return (before if slash else project), name


def find_model(models: Registry, model: str, project: str | None) -> ModelEntry:
    """Return the registry entry of MODEL, a name or project/name.

    Raises UsageError when no project has such a model, or several have one.
    """
    project, name = split_model_name(model, project)
    entries = [entry for entry in models.values() if entry.name == name and project in (None, entry.project)]
    if len(entries) == 1:
        return entries[0]
    if entries:
        paths = ", ".join(f"{entry.project}/{entry.name}" for entry in entries)
        raise UsageError(f"several projects have a model {name}", hint=f"use one of {paths}")
    elsewhere = sorted(entry.project for entry in models.values() if entry.name == name)
    known = sorted({entry.name for entry in models.values() if project in (None, entry.project)})
    where = f" in the project {project}" if project else ""
    hint = f"{elsewhere[0]} has one" if elsewhere else closest(name, known)
    raise UsageError(f"there is no model {name}{where}", hint=hint or "`servegen list models` prints the known names")


def find_version(entry: ModelEntry, version: str) -> Version:
    """Return a version of a model. Raises UsageError when the version is not registered."""
    versions = entry.spec.versions
    if version not in versions:
        hint = closest(version, versions) or f"its versions: {list_few(versions)}"
        raise UsageError(f"{entry.project}/{entry.name} has no version {version}", hint=hint)
    return versions[version]
