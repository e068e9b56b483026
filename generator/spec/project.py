"""`services/<project>/project.yaml`: a team, with its defaults and namespaces."""

from typing import Annotated, Any

from generator.core.yaml import EMPTY
from generator.spec.base import Field, Spec, stanzas
from generator.spec.claims import AccessMode
from generator.spec.namespaces import Quota
from generator.spec.settings import Settings
from generator.spec.values.cluster import Domains, Name, Namespace
from generator.spec.values.parser import Before
from generator.spec.values.scalars import Text
from generator.spec.waivers import FolderWaiver


class ProjectEnvironment(Spec):
    """The settings of a project that differ in one environment."""

    namespace: Namespace | None = None
    """The namespace of the project's services in this environment."""
    quota: Quota | None = Field(default=None, examples=[{"gpu": "8"}])
    """The total that all pods of the project's namespace in this environment may request. Each key replaces the one of
    the environment's quota."""
    defaults: Settings | None = None
    """Default settings of all the project's services in this environment."""


def _notes(value: Any) -> Any:
    """Return the apps with their notes; an app without a note is allowed."""
    if not isinstance(value, dict):
        return {} if value is EMPTY else value
    return {name: (None if note is EMPTY else note) for name, note in value.items()}


class Project(Spec):
    """A team. The folder's name is the project's name."""

    title: Text | None = None
    """The name that readers see, in any language."""
    defaults: Settings | None = None
    """Default settings of all services of the project."""
    retired: Annotated[dict[Name, Text | None], Before(_notes)] = Field(
        default_factory=dict, examples=[{"resnet50": "2026-11-23, replaced by resnet101"}]
    )
    """Apps that were removed for good, each with the day or a reason. An app that disappears otherwise is an error."""
    domains: Domains = ()
    """Domains of the project: no service of another project may have a host below them."""
    waivers: tuple[FolderWaiver, ...] = Field(
        default=(), examples=[[{"check": "C24", "reason": "demo models change every day", "where": ["demo/*"]}]]
    )
    """Warnings about the project's files that are accepted, each with a reason (docs/waivers.md)."""
    claims: dict[str, AccessMode] = Field(default_factory=dict, examples=[{"cache": "ReadWriteOnce"}])
    """How nodes may mount the claims of the project, by the name of the claim. These keys replace those of the
    cluster."""
    environments: Annotated[dict[str, ProjectEnvironment | None], Before(stanzas)] = Field(default_factory=dict)
    """The settings that differ by environment."""
