"""Collect the parsed spec files of a repository, by kind and path, and the findings of every file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.finding import Finding
from generator.fleet.damage import Damage, damage_of_file
from generator.fleet.model import ModelEntry, ServiceEntry
from generator.fleet.spec_file import read_spec_file
from generator.spec.files import is_spec
from generator.spec.platform import Platform
from generator.spec.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.core.yaml import Document
    from generator.fleet.spec_file import ReadFile, SpecFile


class Specs(Struct):
    """The parsed spec files, by kind."""

    platform: tuple[Document, Platform] | None = None
    projects: dict[str, tuple[Document, Project]] = field(default_factory=dict)
    models: dict[tuple[str, str], ModelEntry] = field(default_factory=dict)
    services: list[ServiceEntry] = field(default_factory=list)
    # Names of the services whose files could not be read or parsed.
    unread: set[str] = field(default_factory=set)
    # Project and name of the models whose files could not be read or parsed.
    unread_models: set[tuple[str, str]] = field(default_factory=set)
    # Services without the entries that have errors: part of the fleet against which other specs are checked.
    salvaged: list[ServiceEntry] = field(default_factory=list)
    damage: Damage = field(default_factory=Damage)


def read_specs(
    files: Mapping[str, bytes], unread: Iterable[str] = (), read: ReadFile = read_spec_file
) -> tuple[Specs, list[Finding]]:
    """Return the parsed spec files among `files` (path relative to the repository -> content), and their findings.

    `unread` are further paths, which were found and not read. `read` is `read_spec_file`, or the same with a memory.
    """
    specs, findings = Specs(), list[Finding]()
    for path in unread:
        specs.damage |= damage_of_file(path)
    for file in sorted(filter(is_spec, files)):
        found = read(file, files[file])
        findings += found.findings
        _add(specs, found)
    _spread_damage(specs)
    return specs, findings


def _add(specs: Specs, found: SpecFile) -> None:
    if found.damage:
        specs.damage |= found.damage
    match found.entry or found.salvaged:
        case Platform() as platform if found.document is not None:
            specs.platform = found.document, platform
        case Project() as project if found.document is not None and found.where is not None:
            specs.projects[found.where.project] = found.document, project
        case ModelEntry() as model:
            specs.models[model.project, model.name] = model
        case ServiceEntry() as service if found.entry is not None:
            specs.services.append(service)
        case ServiceEntry() as service:
            specs.salvaged.append(service)
        case _:
            pass
    if found.entry is None and found.where is not None:
        if found.where.kind == "service":
            specs.unread.add(found.where.name)
        elif found.where.kind == "model" and not found.damage:
            specs.unread_models.add((found.where.project, found.where.name))


def _spread_damage(specs: Specs) -> None:
    """Add the damage of models that could not be read: their versions have default settings for services."""
    for service in specs.services if specs.unread_models else ():
        if (service.project, service.spec.model) in specs.unread_models:
            specs.damage |= replace(damage_of_file(service.document.file), absent=frozenset())
