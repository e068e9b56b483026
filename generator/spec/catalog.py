"""The data files of templates/: default settings, stages, model servers, frameworks, sidecars, cards."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeVar

from pydantic import Field

from generator.core import yaml as yamlio
from generator.core.errors import BugError
from generator.spec.base import Spec, parse
from generator.spec.layers import Layer, layer
from generator.spec.settings import Settings
from generator.spec.stage import Rules
from generator.spec.values.scalars import Int, Text, TextMap, Texts

if TYPE_CHECKING:
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
    """Settings of every service of this type; {model} in the health path is the model's name."""


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


@dataclass(frozen=True)
class Catalog:
    """What the library's data files say. Read on first use, each once per run."""

    loader: TemplateLoader

    @cached_property
    def defaults(self) -> Layer:
        """The first layer of every service."""
        document = self._document("defaults.yaml")
        return layer("the shipped defaults", document, (), self._parsed(Settings, document))

    @cached_property
    def stages(self) -> dict[str, Rules]:
        """The stages by name."""
        names = self.loader.names("stages", ".yaml")
        return {name: self._parsed(Rules, self._document(f"stages/{name}.yaml")) for name in names}

    @cached_property
    def servers(self) -> dict[str, tuple[Server, Layer]]:
        """The model servers by type, each with its layer of settings."""
        out = {}
        for name in self.loader.folders("servers"):
            document = self._document(f"servers/{name}/server.yaml")
            server = self._parsed(Server, document)
            values = server.defaults or Settings()
            out[name] = server, layer(f"the server {name}", document, ("defaults",), values)
        return out

    @cached_property
    def sidecars(self) -> dict[str, Sidecar]:
        """The sidecars by name."""
        names = self.loader.names("sidecars", ".yaml")
        return {name: self._parsed(Sidecar, self._document(f"sidecars/{name}.yaml")) for name in names}

    @cached_property
    def cards(self) -> dict[str, Card]:
        """The card catalogue."""
        document = self._document("cards.yaml")
        wrapped = yamlio.Document(document.file, document.text, {"cards": document.data})
        return self._parsed(_Cards, wrapped).cards

    @cached_property
    def frameworks(self) -> dict[str, str]:
        """The name by which servers list a framework, by each of its names in lower case."""
        document = self._document("frameworks.yaml")
        wrapped = yamlio.Document(document.file, document.text, {"frameworks": document.data})
        listed = self._parsed(_Frameworks, wrapped).frameworks
        return {name.lower(): framework for framework, also in listed.items() for name in (framework, *also)}

    def _document(self, name: str) -> Document:
        document, findings = yamlio.read(self.loader.text(name).encode(), f"templates/{name}")
        if document is None:
            raise BugError(f"{findings[0].position}: {findings[0].message}", hint=findings[0].hint)
        return document

    def _parsed(self, model: type[S], document: Document) -> S:
        spec, findings = parse(model, document)
        if spec is None:
            raise BugError(f"{findings[0].position}: {findings[0].message}", hint=findings[0].hint)
        return spec
