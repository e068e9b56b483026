"""`templates/servers/<type>/server.yaml`: what servegen knows about a model server."""

from __future__ import annotations

from typing import Final, Literal

from generator.spec.base import Field, Spec
from generator.spec.dashboards import SignalSeries
from generator.spec.metric_query import QueueMetric
from generator.spec.options import Option
from generator.spec.settings import Settings
from generator.spec.values.image import ImageField
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.scalars import Bool, Text, TextMap, Texts

Api = Literal["open-inference", "tensorflow", "torchserve", "openai", "openai-embeddings"]


class Images(Spec):
    """The images of a model server. A service that requests a card gets `gpu`, any other one `cpu`."""

    cpu: ImageField | None = None
    """The image for nodes without a card."""
    gpu: ImageField | None = None
    """The image with the libraries for cards."""


class ModelRules(Spec):
    """What a model server needs of the models that it serves."""

    version: Literal["integer", "text"] = "text"
    """`integer` if the server finds the versions of a model in folders with numbers as names."""
    several: Bool = False
    """Whether the server serves each sub-model of a version by its own name."""
    files: TextMap = Field(default_factory=dict)
    """The name under which the server looks for a model that is a single file, by framework. A framework that is not
    listed keeps the name of its file."""


# What a server takes from its preset.
PRESET_KEYS: Final = (
    *("protocols", "api", "internal", "images", "card_vendors", "models", "several_nodes"),
    *("options", "queue", "signals", "keeps_memory"),
)


class Server(Spec):
    """A model server: `templates/servers/<type>/server.yaml`."""

    description: Text
    """A one-line description for readers."""
    preset: Text | None = None
    """The type of another server that this one is a variant of. Its templates, `protocols`, `api`, `internal`,
    `images`, `card_vendors`, `models`, `several_nodes`, `options`, `queue`, `signals` and `keeps_memory` are used;
    `defaults` are added to its own. The other server must not have a preset itself."""
    notice: Text | None = None
    """A warning for each service of this type, for example that the server is no longer maintained."""
    frameworks: Texts = ()
    """The frameworks whose models the server runs with its own image. Empty if that depends on the image."""
    preferred: Texts = ()
    """The frameworks whose models `servegen publish` gives to this server if several servers run them."""
    protocols: dict[str, Literal["http", "grpc"]] = Field(default_factory=dict)
    """The ports that the server opens, with their protocols: port number to `http` or `grpc`."""
    api: Api | None = None
    """What clients speak to the server, for examples on the page of a service: `open-inference` (v2 of KServe),
    `tensorflow`, `torchserve`, `openai`, or `openai-embeddings` for a server without chat."""
    internal: Texts = ()
    """Ports that must not be reachable through a gateway, such as those of a management API. A metrics page, which can
    only be read, is no such port."""
    images: Images | None = None
    """The default images, if they differ between nodes with and without a card; else `image` of `defaults`."""
    card_vendors: Texts = ()
    """The vendors whose cards the default image has the libraries for, such as nvidia. Empty if it is not known."""
    models: ModelRules | None = None
    """What the server needs of its models. Without it, servegen does not mount models for this server."""
    several_nodes: Bool = False
    """Whether the server can spread one model over the cards of several nodes, so that a service may set `nodes`."""
    options: dict[str, Option] = Field(default_factory=dict)
    """What `options` of a service of this type may contain."""
    queue: QueueMetric | None = None
    """The metric of the server that says how many requests wait, which `hpa` names `queue`."""
    signals: dict[str, tuple[SignalSeries, ...]] = Field(default_factory=dict)
    """What its metrics say, for dashboards: series by the name of a file of templates/dashboards/signals/. The signal
    `queue` is made from `queue`."""
    keeps_memory: Text | None = None
    """Why the memory of the server says nothing about its load, if it does not give back what it took."""
    defaults: Settings | None = None
    """Default settings of every service of this type.

    `{model}` in a string is replaced by the name of the model that the service serves: in `command`, the values of
    `env`, the files of `config`, `workdir`, the paths of `health` and `metrics`, and wherever else a string is allowed.
    It is not replaced in keys, nor in what another layer sets: `{model}` in a service's own command is kept. The paths
    of `health` are the exception: there it is replaced in every layer.
    """

    def check_keys(self) -> None:
        """Raise InvalidValueError for a key that comes from the preset."""
        own = [key for key in PRESET_KEYS if key in self.written]
        if self.preset is not None and own:
            expected = f"no {own[0]} beside preset, because those of {self.preset} are used"
            raise InvalidValueError(own[0], expected, hint=f"remove {own[0]}, or remove preset", at=(own[0],))
