"""`services/<project>/<app>/<service>.yaml`: one deployable version of one model."""

from typing import Annotated, Any, ClassVar, Final, Literal

from generator.core.regex import regex
from generator.spec.base import Field, stanzas
from generator.spec.external import SeriesName
from generator.spec.keys import Extension
from generator.spec.settings import Settings
from generator.spec.stage import Rules
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import Before
from generator.spec.values.rollout import RolloutField
from generator.spec.values.scalars import Text, Timestamp
from generator.spec.values.series import Id
from generator.spec.waivers import Waiver

_NAME: Final = regex(r"[a-z][a-z0-9-]*\Z")


def _deployments(value: Any) -> Any:
    """Return the stanzas of the environments. Raises InvalidValueError for names without stanzas."""
    names = [value] if isinstance(value, str) else value
    if isinstance(names, list) and names and all(isinstance(name, str) for name in names):
        plain = [name.strip().rstrip(":：") for name in names]
        known = all(map(_NAME.match, plain))
        better = ", ".join(f"{name}: {{}}" for name in plain)
        hint = f"write {{{better}}}" if known else "for example {prod: {}}"
        raise InvalidValueError(value, "a mapping of names to settings", hint=hint)
    return stanzas(value)


class Release(Settings):
    """The settings of a service that differ in one environment; every setting of a service is allowed here."""

    LEADING: ClassVar[tuple[str, ...]] = ("released", "takeover", "rollout", "rollout_stopped", "rules")

    released: Timestamp | None = None
    """The release stamp: when this service was last deployed in this environment. Of several services that name one
    host, the one with the newest stamp owns it."""
    takeover: Literal["automatic", "manual"] = "automatic"
    """How the service takes over a host that another service owns. `automatic`: by its newer release stamp. `manual`:
    it runs beside the owner without getting requests, until a later commit removes this line."""
    rollout: RolloutField | None = Field(
        default=None,
        examples=[
            "5%,25%,100% every 1h",
            {"steps": "5%,25%,100%", "every": "1h", "while": "service:error_rate{service='{service}'} < 0.01"},
        ],
    )
    """The steps in which the service takes over the requests for its host, and the time between two steps.
    `servegen advance`, which CI runs, makes each step a commit. `while` compares a PromQL query with a number: if it
    does not hold, the owner gets all requests back."""
    rollout_stopped: Text | None = Field(default=None, examples=["2026-11-23T10:00:00Z at 25%: 0.2, not < 0.01"])
    """Why the rollout ended: `servegen advance` or `servegen canary --abort` gave the requests back. It starts again
    from the first step when this line is removed."""
    rules: Rules | None = None
    """Rules of the stage that this service overrides in this environment."""


# What identifies a service: the same in all environments.
IDENTITY: Final = ("id", "series", "model", "version", "type", "description", "waivers")


class Service(Settings):
    """One version of one model as it is served. The file's name is the service's name."""

    LEADING: ClassVar[tuple[str, ...]] = IDENTITY

    id: Id | None = Field(default=None, examples=["14"])
    """The number from which the ports of the external address are computed. `servegen expose` finds a free one."""
    series: SeriesName = "inference"
    """The cluster's port series in which `id` is counted: `inference`, `internal` or `notebook`."""
    model: Text = Field(examples=["resnet50"])
    """The model that is served: a file in the project's `models/` folder."""
    version: Text = Field(examples=["v2022.08.01.4"])
    """The version of the model, as written in the model's registry file."""
    type: Annotated[Text, Extension.SERVER] = Field(examples=["triton-server"])
    """The model server: the name of a folder of templates/servers/."""
    description: Text | None = None
    """A one-line description for readers."""
    waivers: tuple[Waiver, ...] = Field(
        default=(), examples=[[{"check": "C24", "reason": "the demo model changes every day"}]]
    )
    """Warnings about this file that are accepted, each with a reason (docs/waivers.md)."""
    environments: Annotated[dict[str, Release | None], Before(_deployments)] = Field(default_factory=dict)
    """The environments in which the service is deployed, and the settings that differ there. An environment without a
    key, or with `null`, does not run the service."""
