"""The data files of templates/: default settings, stages, model servers, frameworks, sidecars, cards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from pydantic import Field

from generator.core import yaml as yamlio
from generator.core.errors import BugError, RefusedError
from generator.spec.base import Spec, parse
from generator.spec.keys import Extension
from generator.spec.layers import Layer, layer
from generator.spec.placeholders import fill_model
from generator.spec.settings import Settings
from generator.spec.stage import Rules
from generator.spec.values.scalars import Int, Text, TextMap, Texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.core.finding import Finding
    from generator.core.template_loader import TemplateLoader
    from generator.core.yaml import Document

S = TypeVar("S", bound=Spec)


class Server(Spec):
    """A model server: `templates/servers/<type>/server.yaml`."""

    description: Text
    """One line for people."""
    frameworks: Texts = ()
    """The frameworks whose models it runs with its own image; none of them where that depends on the image."""
    protocols: dict[str, Literal["http", "grpc"]] = Field(default_factory=dict)
    """What its ports speak; other ports speak http."""
    defaults: Settings | None = None
    """Settings of every service of this type.

    `{model}` in a text is the name of the model that the service serves: in `command`, the values of `env`, the files
    of `config`, `workdir`, the paths of `health` and `metrics`, and wherever else a text may stand. Keys are not
    filled in, and neither is what another layer sets: `{model}` in a service's own command stays as it is.
    """


class Sidecar(Spec):
    """A companion container that an injector adds: `templates/sidecars/<name>.yaml`."""

    labels: TextMap
    """Labels of the pod."""
    annotations: TextMap = Field(default_factory=dict)
    """Annotations of the pod."""


class Card(Spec):
    """A GPU card of the catalogue `templates/cards.yaml`."""

    mib: Int
    """Its memory in MiB, as the driver reports it."""
    family: Text | None = None
    """The name without the memory size."""
    products: Texts
    """Values of the node label nvidia.com/gpu.product."""
    match: Text
    """The text by which HAMi finds it: a part of its name."""
    also: Texts = ()
    """Other cards that this text finds too."""


class _Cards(Spec):
    cards: dict[str, Card]


class _Frameworks(Spec):
    frameworks: dict[str, Texts]


# Where the files of each kind are; {} is the name by which specs know them.
_FILES: Final = {
    Extension.SERVER: "servers/{}/server.yaml",
    Extension.SIDECAR: "sidecars/{}.yaml",
    Extension.BACKEND: "gpu/{}.yaml.j2",
    Extension.NODES: "nodes/{}.yaml.j2",
    Extension.STAGE: "stages/{}.yaml",
}
_MODELS: Final[dict[Extension, type[Spec]]] = {
    Extension.SERVER: Server,
    Extension.SIDECAR: Sidecar,
    Extension.STAGE: Rules,
}
# Files whose keys are names: they are read as if they stood below a key of this name.
_TABLES: Final[dict[str, type[Spec]]] = {"cards": _Cards, "frameworks": _Frameworks}


@dataclass(frozen=True)
class Catalog:
    """What the library's data files say. Read on first use, each once per run.

    A mistake in a file of the repository's own raises RefusedError; `find_mistakes` collects all of them.
    """

    loader: TemplateLoader

    @cached_property
    def defaults(self) -> Layer:
        """The first layer of every service."""
        document, settings = self._read(Settings, "defaults.yaml")
        return layer("the shipped defaults", document, (), settings)

    @cached_property
    def stages(self) -> dict[str, Rules]:
        """The stages by name."""
        return {name: self._read(Rules, file)[1] for name, file in self._files(Extension.STAGE)}

    @cached_property
    def servers(self) -> dict[str, tuple[Server, Layer]]:
        """The model servers by type, each with its layer of settings."""
        out = {}
        for name, file in self._files(Extension.SERVER):
            document, server = self._read(Server, file)
            values = server.defaults or Settings()
            out[name] = server, layer(f"the server {name}", document, ("defaults",), values)
        return out

    @cached_property
    def sidecars(self) -> dict[str, Sidecar]:
        """The sidecars by name."""
        return {name: self._read(Sidecar, file)[1] for name, file in self._files(Extension.SIDECAR)}

    @cached_property
    def cards(self) -> dict[str, Card]:
        """The card catalogue."""
        return self._read(_Cards, "cards.yaml")[1].cards

    @cached_property
    def frameworks(self) -> dict[str, str]:
        """The name by which servers list a framework, by each of its names in lower case."""
        listed = self._read(_Frameworks, "frameworks.yaml")[1].frameworks
        return {name.lower(): framework for framework, also in listed.items() for name in (framework, *also)}

    @cached_property
    def filled_servers(self) -> frozenset[str]:
        """The types whose settings differ by model, because `{model}` stands in them."""
        servers = self.servers.items()
        return frozenset(name for name, (_, own) in servers if fill_model(own.values, "") != own.values)

    def server_layer(self, type: str, model: str) -> Layer:
        """The settings that a server brings to the services of a model."""
        own = self.servers[type][1]
        return replace(own, values=fill_model(own.values, model)) if type in self.filled_servers else own

    def names(self, kind: Extension) -> list[str]:
        """The names of the extension files of a kind, sorted."""
        return [name for name, _ in self._files(kind)]

    def own_specs(self) -> Iterator[tuple[Document, Spec]]:
        """The data files of the repository's own that hold settings, and what they say."""
        files: list[tuple[type[Spec], str]] = [(Settings, "defaults.yaml")]
        files += ((Server, file) for _, file in self._files(Extension.SERVER))
        for model, file in files:
            if self.loader.is_own(file):
                yield self._read(model, file)

    def find_mistakes(self) -> list[Finding]:
        """What is wrong in the data files of the repository's own."""
        tables = [(model, f"{name}.yaml") for name, model in _TABLES.items()]
        files: list[tuple[type[Spec], str]] = [(Settings, "defaults.yaml"), *tables]
        for kind, model in _MODELS.items():
            files += ((model, file) for _, file in self._files(kind))
        out: list[Finding] = []
        for model, file in files:
            if self.loader.is_own(file):
                try:
                    self._read(model, file)
                except RefusedError as refused:
                    out += refused.findings
        return out

    def _files(self, kind: Extension) -> Iterator[tuple[str, str]]:
        """The extension files of a kind: name and path."""
        folder, _, suffix = _FILES[kind].partition("/{}")
        names = self.loader.folders(folder) if suffix.startswith("/") else self.loader.names(folder, suffix)
        paths = ((name, _FILES[kind].format(name)) for name in names)
        return ((name, path) for name, path in paths if self.loader.has(path))

    def _read(self, model: type[S], file: str) -> tuple[Document, S]:
        raw = self.loader.content(file)
        document, findings = yamlio.read(raw, f"templates/{file}")
        if document is not None:
            table = file.removesuffix(".yaml")
            document = document.nest(table) if table in _TABLES else document
            spec, findings = parse(model, document)
            if spec is not None:
                return document, spec
        if self.loader.is_own(file):
            raise RefusedError(findings, {f"templates/{file}": raw})
        raise BugError(f"{findings[0].position}: {findings[0].message}", hint=findings[0].hint)
