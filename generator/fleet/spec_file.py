"""Read one spec file: its document, its spec, and what can be used of it if it has errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core import yaml as yamlio
from generator.core.finding import Finding
from generator.fleet.damage import Damage, damage_of_file, damage_of_project, damage_of_service
from generator.fleet.model import ModelEntry, ServiceEntry
from generator.fleet.required_version import required_version_findings
from generator.spec.files import spec_path
from generator.spec.kubernetes_object import find_kubernetes_object
from generator.spec.model import Model
from generator.spec.parse import parse
from generator.spec.platform import Platform
from generator.spec.project import Project
from generator.spec.salvage import salvage
from generator.spec.service import Service

if TYPE_CHECKING:
    from generator.core.yaml import Document
    from generator.spec.files import SpecPath


class SpecFile(Struct, frozen=True):
    """One file as it was read.

    `where` is None if the path is that of no spec, `document` if the text is no YAML, and `entry` if it is no spec.
    Then `salvaged` may be the spec without its errors, and `damage` is what they leave unknown.
    """

    where: SpecPath | None
    document: Document | None
    findings: tuple[Finding, ...] = ()
    damage: Damage = field(default_factory=Damage)
    entry: Platform | Project | ModelEntry | ServiceEntry | None = None
    salvaged: Project | ServiceEntry | None = None


ReadFile = Callable[[str, bytes], SpecFile]


def read_spec_file(file: str, raw: bytes) -> SpecFile:
    """Return the spec file with this path and content: nothing else decides, so revisions can share the result."""
    where = spec_path(file)
    if isinstance(where, Finding):
        return SpecFile(None, None, (where,), damage_of_file(file))
    document, mistakes = yamlio.read(raw, file)
    if document is None:
        return SpecFile(where, None, tuple(mistakes), Damage() if where.kind == "model" else damage_of_file(file))
    if (found := find_kubernetes_object(document)) is not None:
        return SpecFile(where, document, (*mistakes, found), damage_of_file(file))
    return _parsed(where, document, tuple(mistakes))


def _parsed(where: SpecPath, document: Document, mistakes: tuple[Finding, ...]) -> SpecFile:
    match where.kind:
        case "platform":
            early = required_version_findings(document)
            platform, errors = parse(Platform, document)
            return SpecFile(where, document, (*mistakes, *early, *errors), entry=platform)
        case "project":
            project, errors = parse(Project, document)
            out = SpecFile(where, document, (*mistakes, *errors), entry=project)
            return out if project is not None else _salvaged_project(out, document)
        case "model":
            model, errors = parse(Model, document)
            entry = ModelEntry(where.project, where.name, document, model) if model is not None else None
            return SpecFile(where, document, (*mistakes, *errors), entry=entry)
        case "service":
            service, errors = parse(Service, document)
            found = _service(where, document, service) if service is not None else None
            whole = SpecFile(where, document, (*mistakes, *errors), entry=found)
            return whole if service is not None else _salvaged_service(whole, where, document)


def _service(where: SpecPath, document: Document, service: Service) -> ServiceEntry:
    return ServiceEntry(where.project, where.app, where.name, document, service)


def _salvaged_project(broken: SpecFile, document: Document) -> SpecFile:
    found = salvage(Project, document)
    if found is None:
        return replace(broken, damage=damage_of_file(document.file))
    return replace(broken, damage=damage_of_project(document.file, found.lost), salvaged=found.spec)


def _salvaged_service(broken: SpecFile, where: SpecPath, document: Document) -> SpecFile:
    found = salvage(Service, document)
    if found is None:
        return replace(broken, damage=damage_of_file(document.file))
    damage = damage_of_service(document.file, found.lost)
    return replace(broken, damage=damage, salvaged=_service(where, document, found.spec))
