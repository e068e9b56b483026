"""`services/<project>/project.yaml`: a team, with its defaults and namespaces."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from generator.spec.base import Spec, stanzas
from generator.spec.settings import Settings
from generator.spec.values.cluster import Domains, Namespace
from generator.spec.values.scalars import Text


class ProjectEnvironment(Spec):
    """What a project does differently in one environment."""

    namespace: Namespace | None = None
    """The namespace of the project's services there."""
    defaults: Settings | None = None
    """Settings of all its services there."""


class Project(Spec):
    """A team. The folder's name is the project's name."""

    title: Text | None = None
    """The name for people, in any language."""
    defaults: Settings | None = None
    """Settings of all its services."""
    domains: Domains = ()
    """Domains of the project: no service of another project may have a host below them."""
    environments: Annotated[dict[str, ProjectEnvironment | None], BeforeValidator(stanzas)] = Field(
        default_factory=dict
    )
    """What is different by environment."""
