"""`services/<project>/<app>/<service>.yaml`: one deployable version of one model."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from generator.spec.base import Spec, stanzas
from generator.spec.external import SeriesName
from generator.spec.keys import Extension
from generator.spec.settings import Settings
from generator.spec.stage import Rules
from generator.spec.values.scalars import Text, Timestamp
from generator.spec.values.series import Id


class Rollout(Spec):
    """When a service was deployed in one environment, and how it takes its host over."""

    released: Timestamp | None = None
    """When this service was last deployed here. Of several services with one host the newest owns it."""
    takeover: Literal["automatic", "manual"] = "automatic"
    """`manual`: run beside the owner of the host, and take it only when a later commit removes this line."""
    rules: Rules | None = None
    """Rules of the stage that this service lifts here."""


class Release(Settings, Rollout):
    """What is different in one environment; every setting of a service may stand here."""


class Identity(Spec):
    """What a service is; the same in all environments."""

    id: Id | None = Field(default=None, examples=["14"])
    """The number from which the ports of the external address follow; `servegen expose` finds a free one."""
    series: SeriesName = "inference"
    """Which of the cluster's port series the id belongs to."""
    model: Text = Field(examples=["resnet50"])
    """The model that is served: a file in the project's `models/` folder."""
    version: Text = Field(examples=["v2022.08.01.4"])
    """The model's version, as written in its registry file."""
    type: Annotated[Text, Extension.SERVER] = Field(examples=["triton-server"])
    """The model server: a folder of templates/servers/."""
    description: Text | None = None
    """One line for people."""


class Service(Settings, Identity):
    """One version of one model as it is served. The file's name is the service's name."""

    environments: Annotated[dict[str, Release | None], BeforeValidator(stanzas)] = Field(default_factory=dict)
    """Where the service is deployed, and what is different there. No key, or `null`: not deployed there."""
