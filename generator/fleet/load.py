"""Parse all spec files of a repository, by kind and path, and collect the findings of every file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from generator.core import yaml as yamlio
from generator.core.finding import Finding
from generator.fleet.model import ModelEntry, ServiceEntry
from generator.fleet.required_version import required_version_findings
from generator.spec.base import Spec, parse
from generator.spec.files import is_spec, spec_path
from generator.spec.model import Model
from generator.spec.platform import Platform
from generator.spec.project import Project
from generator.spec.service import Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.core.yaml import Document

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


def read_specs(files: Mapping[str, bytes]) -> tuple[Specs, list[Finding]]:
    """Return the parsed spec files among `files` (path relative to the repository -> content), and their findings."""
    specs, findings = Specs(), list[Finding]()
    for file in sorted(files):
        if not is_spec(file):
            continue
        where = spec_path(file)
        if isinstance(where, Finding):
            findings.append(where)
            continue
        document, mistakes = yamlio.read(files[file], file)
        findings += mistakes
        if document is None:
            specs.unread |= {where.name} if where.kind == "service" else set()
            specs.unread_models |= {(where.project, where.name)} if where.kind == "model" else set()
            continue
        match where.kind:
            case "platform":
                findings += required_version_findings(document)
                if (platform := _parsed(Platform, document, findings)) is not None:
                    specs.platform = document, platform
            case "project":
                if (project := _parsed(Project, document, findings)) is not None:
                    specs.projects[where.project] = document, project
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
    return specs, findings


def _parsed(model: type[S], document: Document, findings: list[Finding]) -> S | None:
    spec, mistakes = parse(model, document)
    findings += mistakes
    return spec
