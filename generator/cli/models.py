"""What the commands share that look a model up: MODEL is its name or project/name, and each mistake is told loudly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.core.errors import UsageError
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.fleet.model import ModelEntry
    from generator.spec.model import Version

    Registry = Mapping[tuple[str, str], ModelEntry]


def split_model_name(model: str, project: str | None) -> tuple[str | None, str]:
    """Project, if one is said, and name of MODEL. Raises UsageError when MODEL and --project say different ones."""
    before, slash, name = model.rpartition("/")
    if slash and project not in (None, before):
        raise UsageError(f"{model} is not in the project {project}", hint=f"leave --project, or write {name}")
    return (before if slash else project), name


def found(models: Registry, model: str, project: str | None) -> ModelEntry:
    """The registry's entry of MODEL. Raises UsageError when there is none, or one in several projects."""
    project, name = split_model_name(model, project)
    entries = [entry for entry in models.values() if entry.name == name and project in (None, entry.project)]
    if len(entries) == 1:
        return entries[0]
    if entries:
        paths = ", ".join(f"{entry.project}/{entry.name}" for entry in entries)
        raise UsageError(f"several projects have a model {name}", hint=f"name one of {paths}")
    elsewhere = sorted(entry.project for entry in models.values() if entry.name == name)
    known = sorted({entry.name for entry in models.values() if project in (None, entry.project)})
    where = f" in the project {project}" if project else ""
    hint = f"{elsewhere[0]} has one" if elsewhere else closest(name, known)
    raise UsageError(f"there is no model {name}{where}", hint=hint or "`servegen list models` prints their names")


def version_of(entry: ModelEntry, version: str) -> Version:
    """That version of a model. Raises UsageError when it is not registered."""
    versions = entry.spec.versions
    if version not in versions:
        hint = closest(version, versions) or f"its versions: {', '.join(versions)}"
        raise UsageError(f"{entry.project}/{entry.name} has no version {version}", hint=hint)
    return versions[version]
