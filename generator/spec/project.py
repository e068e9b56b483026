"""`services/<project>/project.yaml`: a team, with its defaults and namespaces."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from generator.core.yaml import EMPTY
from generator.spec.base import Spec, stanzas
from generator.spec.namespaces import Quota
from generator.spec.settings import Settings
from generator.spec.values.cluster import Domains, Name, Namespace
from generator.spec.values.scalars import Text


class ProjectEnvironment(Spec):
    """What a project does differently in one environment."""

    namespace: Namespace | None = None
    """The namespace of the project's services there."""
    quota: Quota | None = Field(default=None, examples=[{"gpu": "8"}])
    """What all its pods there may ask for together; a key here replaces the environment's."""
    defaults: Settings | None = None
    """Settings of all its services there."""


def _notes(value: Any) -> Any:
    """The apps with their notes: one without any is enough."""
    if not isinstance(value, dict):
        return {} if value is EMPTY else value
    return {name: (None if note is EMPTY else note) for name, note in value.items()}


class Project(Spec):
    """A team. The folder's name is the project's name."""

    title: Text | None = None
    """The name for people, in any language."""
    defaults: Settings | None = None
    """Settings of all its services."""
    retired: Annotated[dict[Name, Text | None], BeforeValidator(_notes)] = Field(
        default_factory=dict, examples=[{"resnet50": "2026-11-23, replaced by resnet101"}]
    )
    """Apps that are gone for good, each with the day or a reason; an app that disappears otherwise is an error."""
    domains: Domains = ()
    """Domains of the project: no service of another project may have a host below them."""
    environments: Annotated[dict[str, ProjectEnvironment | None], BeforeValidator(stanzas)] = Field(
        default_factory=dict
    )
    """What is different by environment."""
