"""The data files of templates/: default settings, stages, model servers, frameworks, sidecars, cards."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from generator.core.errors import BugError, RefusedError
from generator.core.finding import Finding, Position
from generator.core.lazy import LazyMapping
from generator.spec.alerts import AlertFile
from generator.spec.base import Field, Spec
from generator.spec.cards import Card
from generator.spec.dashboards import Dashboard, Signal
from generator.spec.data_files import read_data_file
from generator.spec.keys import Extension
from generator.spec.layers import Layer, layer, merge
from generator.spec.metric_query import Exporter
from generator.spec.placeholders import fill_model
from generator.spec.server import PRESET_KEYS, Server
from generator.spec.settings import Settings
from generator.spec.signal_names import unknown_signals
from generator.spec.stage import Rules
from generator.spec.values.metrics import ScrapeField
from generator.spec.values.scalars import TextMap, Texts
from generator.spec.values.text import closest, list_known

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.core.template_loader import TemplateLoader
    from generator.core.yaml import Document
    from generator.spec.data_files import ReadDataFile

S = TypeVar("S", bound=Spec)


class Sidecar(Spec):
    """A companion container that an injector adds to the pod: `templates/sidecars/<name>.yaml`."""

    labels: TextMap
    """Labels that are added to the pod."""
    annotations: TextMap = Field(default_factory=dict)
    """Annotations that are added to the pod."""
    metrics: ScrapeField | None = None
    """Where Prometheus reads the container's own metrics, on a cluster with monitors of the operator: a port that the
    container declares."""
    annotated_metrics: ScrapeField | None = None
    """Where Prometheus reads them on other clusters, by annotations that the injector adds to the pod."""

    @property
    def is_mesh_proxy(self) -> bool:
        """Whether its labels ask Istio for the proxy of the mesh."""
        return self.labels.get("sidecar.istio.io/inject") == "true"


class _Cards(Spec):
    cards: dict[str, Card]


class _Frameworks(Spec):
    frameworks: dict[str, Texts]


# The path of each kind of file below templates/; {} is the name that specs use.
_FILES: Final = {
    Extension.SERVER: "servers/{}/server.yaml",
    Extension.SIDECAR: "sidecars/{}.yaml",
    Extension.BACKEND: "gpu/{}.yaml.j2",
    Extension.NODES: "nodes/{}.yaml.j2",
    Extension.STAGE: "stages/{}.yaml",
    Extension.EXPORTER: "metrics/{}.yaml",
}
_MODELS: Final[dict[Extension, type[Spec]]] = {
    Extension.SERVER: Server,
    Extension.SIDECAR: Sidecar,
    Extension.STAGE: Rules,
    Extension.EXPORTER: Exporter,
}
# The files of alerts and dashboards, all of which a cluster with `monitoring` gets: no spec names one.
_ALERTS: Final = "alerts/{}.yaml"
_SIGNALS: Final = "dashboards/signals/{}.yaml"
_DASHBOARDS: Final = "dashboards/{}.yaml"
_SHARED: Final[dict[str, type[Spec]]] = {_ALERTS: AlertFile, _SIGNALS: Signal, _DASHBOARDS: Dashboard}
# Files whose keys are names: they are read as if they were nested below a key of this name.
_TABLES: Final[dict[str, type[Spec]]] = {"cards": _Cards, "frameworks": _Frameworks}


class Catalog(Struct, frozen=True, dict=True):
    """The contents of the template loader's data files, each read once per run, on first use; `read` parses a file.

    An error in one of the repository's own files raises RefusedError; `mistakes` collects all of them.
    """

    loader: TemplateLoader
    read: ReadDataFile = read_data_file

    @cached_property
    def defaults(self) -> Layer:
        """The shipped defaults: the first layer of every service."""
        document, settings = self._read(Settings, "defaults.yaml")
        return layer("the shipped defaults", document, (), settings)

    @cached_property
    def stages(self) -> dict[str, Rules]:
        """The stages by name."""
        return {name: self._read(Rules, file)[1] for name, file in self._files(Extension.STAGE)}

    @cached_property
    def servers(self) -> Mapping[str, tuple[Server, Layer]]:
        """The model servers by type, each with its layer of settings; what a preset gives is filled in."""
        return LazyMapping(self.names(Extension.SERVER), self._server)

    @cached_property
    def _server_files(self) -> Mapping[str, tuple[Document, Server]]:
        files = dict(self._files(Extension.SERVER))
        return LazyMapping(files, lambda name: self._read(Server, files[name]))

    def _server(self, name: str) -> tuple[Server, Layer]:
        mistake = self._preset_mistake(name, self._server_files)
        if mistake is not None:
            raise RefusedError([mistake], {})
        document, server = self._server_files[name]
        own = _server_layer(name, document, server)
        return (server, own) if server.preset is None else _variant(server, own, *self.servers[server.preset])

    @cached_property
    def sidecars(self) -> dict[str, Sidecar]:
        """The sidecars by name."""
        return {name: self._read(Sidecar, file)[1] for name, file in self._files(Extension.SIDECAR)}

    @cached_property
    def exporters(self) -> Mapping[str, Exporter]:
        """The exporters of metrics by name."""
        files = dict(self._files(Extension.EXPORTER))
        return LazyMapping(files, lambda name: self._read(Exporter, files[name])[1])

    @cached_property
    def alerts(self) -> Mapping[str, AlertFile]:
        """The files of alerts by name."""
        files = dict(self._find_files(_ALERTS))
        return LazyMapping(files, lambda name: self._read(AlertFile, files[name])[1])

    @cached_property
    def signals(self) -> dict[str, Signal]:
        """The signals of model servers by name."""
        return {name: self._read(Signal, file)[1] for name, file in self._find_files(_SIGNALS)}

    def dashboard(self, name: str) -> Dashboard:
        """Return the panels of a dashboard: `service` or `fleet`."""
        return self._read(Dashboard, _DASHBOARDS.format(name))[1]

    @cached_property
    def cards(self) -> dict[str, Card]:
        """The GPU cards by name: those of the repository's own file, and the shipped ones with other names."""
        found = self._read(_Cards, "cards.yaml")[1].cards
        if not self.loader.is_own("cards.yaml"):
            return found
        return {**Catalog(self.loader.without_own(), self.read).cards, **found}

    @cached_property
    def frameworks(self) -> dict[str, str]:
        """Each name of a framework, in lower case, to the name under which servers list the framework."""
        listed = self._read(_Frameworks, "frameworks.yaml")[1].frameworks
        return {name.lower(): framework for framework, also in listed.items() for name in (framework, *also)}

    def server_layer(self, type: str, model: str) -> Layer:
        """Return the settings that the server `type` adds to the services of `model`, with `{model}` replaced."""
        own = self.servers[type][1]
        return replace(own, values=fill_model(own.values, model)) if self.differs_by_model(type) else own

    def differs_by_model(self, type: str) -> bool:
        """Whether the settings of a type contain `{model}` and therefore differ by model."""
        return self._by_model[type]

    @cached_property
    def _by_model(self) -> Mapping[str, bool]:
        def differs_by_model(type: str) -> bool:
            own = self.servers[type][1]
            return bool(fill_model(own.values, "") != own.values)

        return LazyMapping(self.servers, differs_by_model)

    def names(self, kind: Extension) -> list[str]:
        """Return the names of the extension files of a kind, sorted."""
        return [name for name, _ in self._files(kind)]

    def own_specs(self) -> Iterator[tuple[Document, Spec]]:
        """Yield the repository's own data files that hold settings, each with its parsed contents."""
        files: list[tuple[type[Spec], str]] = [(Settings, "defaults.yaml")]
        files += ((Server, file) for _, file in self._files(Extension.SERVER))
        for model, file in files:
            if self.loader.is_own(file):
                yield self._read(model, file)

    @cached_property
    def mistakes(self) -> Sequence[Finding]:
        """The findings of the repository's own data files. Copies of shipped ones have none."""
        tables = [(model, f"{name}.yaml") for name, model in _TABLES.items()]
        files: list[tuple[type[Spec], str]] = [(Settings, "defaults.yaml"), *tables]
        for kind, model in _MODELS.items():
            files += ((model, file) for _, file in self._files(kind))
        for path, model in _SHARED.items():
            files += ((model, file) for _, file in self._find_files(path))
        out: list[Finding] = []
        for model, file in files:
            if self.loader.has_own_text(file):
                try:
                    self._read(model, file)
                except RefusedError as refused:
                    out += refused.findings
        return out or self._find_server_mistakes()

    def _find_server_mistakes(self) -> list[Finding]:
        files = self._files(Extension.SERVER)
        unused = list(self._unused_templates())
        if not any(self.loader.has_own_text(file) for _, file in files):
            return unused
        mistakes = (self._preset_mistake(name, self._server_files) for name in self._server_files)
        found = [*unused, *(mistake for mistake in mistakes if mistake is not None)]
        return [*found, *unknown_signals(self._server_files.values(), self.signals)]

    def _unused_templates(self) -> Iterator[Finding]:
        """Yield a finding for each own template of a server with a preset, whose templates are used instead."""
        for file in self.loader.own_files(".j2"):
            folder, _, rest = file.partition("/")
            name = rest.partition("/")[0]
            preset = self._server_files[name][1].preset if folder == "servers" and name in self._server_files else None
            if preset is not None:
                message = f"this template is never used: the type {name} has the templates of its preset {preset}"
                hint = f"write templates/servers/{name}/server.yaml without preset, or remove this file"
                yield Finding("K04", message, Position(f"templates/{file}", 1, 1), hint)

    def _preset_mistake(self, name: str, read: Mapping[str, tuple[Document, Server]]) -> Finding | None:
        """Return the finding if the preset of a server does not exist or has a preset itself."""
        document, server = read[name]
        preset = server.preset
        if preset is None:
            return None
        if preset not in read:
            known = [other for other, (_, one) in read.items() if one.preset is None]
            hint = closest(preset, known) or list_known("types", known)
            message = f'found the preset "{preset}", expected a type that exists'
            return Finding("K04", message, document.position(("preset",)), hint)
        further = read[preset][1].preset
        if further is None:
            return None
        hint = "remove preset" if further in (name, preset) else f"write preset: {further}"
        if self.loader.is_own(_FILES[Extension.SERVER].format(name)):
            message = f'found the preset "{preset}", which has a preset itself'
            return Finding("K04", message, document.position(("preset",)), hint)
        message = f'found the preset "{further}", but {name} has the preset {preset}'
        return Finding("K04", message, read[preset][0].position(("preset",)), "remove preset")

    def _files(self, kind: Extension) -> list[tuple[str, str]]:
        """Return name and path of the extension files of a kind."""
        return self._files_by_kind[kind]

    @cached_property
    def _files_by_kind(self) -> dict[Extension, list[tuple[str, str]]]:
        return {kind: list(self._find_files(path)) for kind, path in _FILES.items()}

    def _find_files(self, path: str) -> Iterator[tuple[str, str]]:
        folder, _, suffix = path.partition("/{}")
        names = self.loader.folders(folder) if suffix.startswith("/") else self.loader.names(folder, suffix)
        paths = ((name, path.format(name)) for name in names)
        return ((name, file) for name, file in paths if self.loader.has(file))

    def _read(self, model: type[S], file: str) -> tuple[Document, S]:
        raw, table = self.loader.content(file), file.removesuffix(".yaml")
        found = self.read(model, file, raw, table if table in _TABLES else "")
        if found.document is not None and isinstance(found.spec, model):
            return found.document, found.spec
        if self.loader.is_own(file):
            raise RefusedError(found.findings, {f"templates/{file}": raw})
        mistake = found.findings[0]
        raise BugError(f"{mistake.position}: {mistake.message}", hint=mistake.hint)


def _server_layer(name: str, document: Document, server: Server) -> Layer:
    return layer(f"the server {name}", document, ("defaults",), server.defaults or Settings())


def _variant(server: Server, own: Layer, base: Server, below: Layer) -> tuple[Server, Layer]:
    """Return a server and its settings with what its preset gives."""
    filled = replace(server, **{key: getattr(base, key) for key in PRESET_KEYS})
    return filled, replace(own, values=merge((below.values, own.values)))
