"""Parse all spec files of a repository, by kind and path, and collect the findings of every file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from generator.core import yaml as yamlio
from generator.core.finding import Finding
from generator.fleet.damage import Damage, damage_of_file, damage_of_project, damage_of_service
from generator.fleet.model import ModelEntry, ServiceEntry
from generator.fleet.required_version import required_version_findings
from generator.spec.base import Spec, parse
from generator.spec.files import is_spec, spec_path
from generator.spec.kubernetes_object import find_kubernetes_object
from generator.spec.model import Model
from generator.spec.platform import Platform
from generator.spec.project import Project
from generator.spec.salvage import salvage
from generator.spec.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.core.yaml import Document
    from generator.spec.files import SpecPath

S = TypeVar("S", bound=Spec)


@dataclass(slots=True)
class Specs:
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


def read_specs(files: Mapping[str, bytes], unread: Iterable[str] = ()) -> tuple[Specs, list[Finding]]:
    """Return the parsed spec files among `files` (path relative to the repository -> content), and their findings.

    `unread` are further paths, which were found and not read.
    """
    specs, findings = Specs(), list[Finding]()
    for path in unread:
        specs.damage |= damage_of_file(path)
    for file in sorted(files):
        if not is_spec(file):
            continue
        where = spec_path(file)
        if isinstance(where, Finding):
            findings.append(where)
            specs.damage |= damage_of_file(file)
            continue
        document, mistakes = yamlio.read(files[file], file)
        findings += mistakes
        if document is None:
            specs.unread |= {where.name} if where.kind == "service" else set()
            specs.unread_models |= {(where.project, where.name)} if where.kind == "model" else set()
            specs.damage |= damage_of_file(file) if where.kind != "model" else Damage()
            continue
        if (found := find_kubernetes_object(document)) is not None:
            findings.append(found)
            specs.unread |= {where.name} if where.kind == "service" else set()
            specs.damage |= damage_of_file(file)
            continue
        match where.kind:
            case "platform":
                findings += required_version_findings(document)
                if (platform := _parsed(Platform, document, findings)) is not None:
                    specs.platform = document, platform
            case "project":
                if (project := _parsed(Project, document, findings)) is not None:
                    specs.projects[where.project] = document, project
                else:
                    _salvage_project(specs, where.project, document)
            case "model":
                if (model := _parsed(Model, document, findings)) is not None:
                    entry = ModelEntry(where.project, where.name, document, model)
                    specs.models[where.project, where.name] = entry
                else:
                    specs.unread_models.add((where.project, where.name))
            case "service":
                if (service := _parsed(Service, document, findings)) is not None:
                    specs.services.append(ServiceEntry(where.project, where.app, where.name, document, service))
                else:
                    specs.unread.add(where.name)
                    _salvage_service(specs, where, document)
    _spread_damage(specs)
    return specs, findings


def _parsed(model: type[S], document: Document, findings: list[Finding]) -> S | None:
    spec, mistakes = parse(model, document)
    findings += mistakes
    return spec


def _salvage_project(specs: Specs, name: str, document: Document) -> None:
    found = salvage(Project, document)
    if found is not None:
        specs.projects[name] = document, found.spec
    specs.damage |= damage_of_file(document.file) if found is None else damage_of_project(document.file, found.lost)


def _salvage_service(specs: Specs, where: SpecPath, document: Document) -> None:
    found = salvage(Service, document)
    if found is not None:
        specs.salvaged.append(ServiceEntry(where.project, where.app, where.name, document, found.spec))
    specs.damage |= damage_of_file(document.file) if found is None else damage_of_service(document.file, found.lost)


def _spread_damage(specs: Specs) -> None:
    """Add the damage of models that could not be read: their versions have default settings for services."""
    for service in specs.services if specs.unread_models else ():
        if (service.project, service.spec.model) in specs.unread_models:
            specs.damage |= replace(damage_of_file(service.document.file), absent=frozenset())
