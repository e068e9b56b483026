"""cube-studio's inference services and model records to specs.

Source: the data files that cube-studio loads at its first start (init-inference.json, init-train-model.json), and rows
of its tables `inferenceservice` and `model`. Both are JSON: a mapping of rows, or a list of them. What a row means is
taken from the program that wrote it; where that program ignored or dropped something, a note says what became of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from generator.importers.note import Note
from generator.importers.rows import Row, rows
from generator.spec.values.mistake import MistakeError
from generator.spec.values.names import service_name
from generator.spec.values.shares import parse_shares
from generator.yamlio import EMPTY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_STATUS: Final = {"debug": "debug", "test": "test", "online": "prod"}
# The cards that its virtual GPUs assumed for a name that stands for several sizes.
_CARDS: Final = {"V100": "V100-32G", "A100": "A100-40G", "H100": "H100-80G"}
_SIDECARS: Final = ("istio",)
_UNUSED: Final = {
    "args": "cube-studio stored arguments but never passed them on",
    "cronhpa": "scaling by the clock was never carried out there",
    "transformer": "only its command generator read it",
    "model_type": "only its command generator read it",
    "model_input": "nothing read it",
    "model_output": "nothing read it",
}


@dataclass(slots=True)
class Service:
    """One service to be written: where, and the keys of its spec."""

    project: str
    app: str
    name: str
    keys: dict[str, Any]
    row: Row


@dataclass(slots=True)
class Imported:
    """All that a file gives: projects (folder -> title), services, versions of models, notes, and rows left behind."""

    projects: dict[str, str] = field(default_factory=dict)
    services: list[Service] = field(default_factory=list)
    versions: dict[tuple[str, str], dict[str, dict[str, Any]]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    refused: list[Note] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Options:
    """What the data do not say: where to deploy, and whose folder a (pvc) volume shows."""

    environments: Sequence[str] = ()
    owner: str | None = None
    types: Sequence[str] = ()


def convert(data: Any, options: Options) -> Imported:
    """Every row of parsed JSON as specs; a row that cannot be carried over is in `refused` with the reason."""
    out = Imported()
    for row in rows(data, out.refused):
        project = _project(row, out)
        if row.is_model:
            _model(row, project, out)
        else:
            _service(row, project, options, out)
    _apps(out)
    return out


def slug(text: str, fallback: str) -> str:
    """A folder or model name: lower-case ASCII letters, digits and dashes; `fallback` where none is left."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:50].strip("-")
    return plain or fallback


def _project(row: Row, out: Imported) -> str:
    title = row.text("project_name") or "public"
    folder = next((name for name, known in out.projects.items() if known == title), None)
    if folder is None:
        folder = slug(title, f"project-{len(out.projects) + 1}")
        out.projects[folder] = title
        if folder != title:
            out.notes.append(
                Note(row.key, "project_name", f'the project "{title}" became the folder {folder}; its title stays')
            )
    return folder


def _model(row: Row, project: str, out: Imported) -> None:
    name, version = row.text("name"), row.text("version")
    if not name or not version or not row.text("path"):
        out.refused.append(Note(row.key, "path", "a model needs a name, a version and a path"))
        return
    origin = {"pipeline": row.number("pipeline_id"), "run": row.text("run_id"), "time": row.text("run_time")}
    digest = row.text("md5")
    facts = {
        "path": row.mapping_or_text("path"),
        "framework": row.text("framework"),
        "api": row.text("api_type"),
        "metrics": row.mapping_or_text("metrics"),
        "description": row.text("describe"),
        "digest": f"md5:{digest}" if digest else None,
        "download": row.text("download_url"),
        "origin": {key: value for key, value in origin.items() if value} or None,
    }
    _version(out, project, slug(name, "model"), version, facts)


def _version(out: Imported, project: str, model: str, version: str, facts: dict[str, Any]) -> None:
    known = out.versions.setdefault((project, model), {}).setdefault(version, {})
    known.setdefault("path", "")
    known.update({key: value for key, value in facts.items() if value})


def _service(row: Row, project: str, options: Options, out: Imported) -> None:
    model = slug(row.text("model_name"), "")
    version = row.text("model_version")
    type_ = row.text("service_type") or "serving"
    if type_ not in options.types:
        known = ", ".join(options.types)
        out.refused.append(Note(row.key, "service_type", f"the type {type_} is unknown here; known: {known}"))
        return
    try:
        name = service_name(model, version)
        keys = _Keys(row, options, out.notes).service(model, version, type_)
    except MistakeError as mistake:
        out.refused.append(Note(row.key, "name", f"{mistake}; {mistake.hint}".rstrip("; ")))
        return
    if row.text("name") not in ("", name):
        out.notes.append(
            Note(row.key, "name", f"{row.text('name')} becomes {name}: the model's name and the version's digits")
        )
    _version(out, project, model, version, {"path": row.mapping_or_text("model_path"), "api": type_})
    if not row.text("model_path"):
        out.notes.append(Note(row.key, "model_path", "it is empty, and so is the path in the registry"))
    out.services.append(Service(project, model, name, keys, row))


@dataclass(slots=True)
class _Keys:
    """The keys of one service spec."""

    row: Row
    options: Options
    notes: list[Note]

    def service(self, model: str, version: str, type_: str) -> dict[str, Any]:
        row = self.row
        keys: dict[str, Any] = {
            "model": model,
            "version": version,
            "type": type_,
            "description": row.text("label"),
            "image": row.text("images"),
            "ports": self._ports(),
            "host": self._filled("host"),
            "replicas": self._replicas(),
            "hpa": row.text("hpa"),
            "resources": self._resources(),
            "split": self._shares("canary"),
            "mirror": self._shares("shadow"),
            "env": self._env(),
            "config": _block(row.text("inference_config")),
            "command": self._filled("command"),
            "workdir": self._filled("working_dir"),
            "volumes": self._volumes(),
            "owner": self.options.owner,
            # cube-studio runs images as whatever user they name, and its commands rely on it.
            "user": "image",
            "health": self._filled("health"),
            "metrics": row.text("metrics"),
            "sidecar": self._sidecar(),
            "environments": self._environments(),
        }
        self._leftovers(keys)
        return {key: value for key, value in keys.items() if value not in ("", None, {})}

    def _note(self, column: str, text: str) -> None:
        self.notes.append(Note(self.row.key, column, text))

    def _filled(self, column: str) -> str:
        """A text with cube-studio's variables filled in, as it filled them at save or deploy time."""
        text = self.row.text(column)
        values = {
            "$model_name": self.row.text("model_name"),
            "$model_version": self.row.text("model_version"),
            "$model_path": self.row.text("model_path"),
            "{{creator}}": self.options.owner,
        }
        for variable, value in values.items():
            if variable in text:
                if not value:
                    raise MistakeError(text, f"a value for {variable}", hint="give --owner NAME for {{creator}}")
                text = text.replace(variable, value)
                self._note(column, f"{variable} is filled in: {value}")
        return text

    def _ports(self) -> str:
        ports = [part for part in re.split(r"[,，]", self.row.text("ports")) if part.strip()]
        if len(ports) > 2:
            self._note("ports", f"only the first two are reachable, as before: {', '.join(ports[2:])} left out")
        return ",".join(port.strip() for port in ports[:2])

    def _replicas(self) -> str:
        low, high = self.row.number("min_replicas") or "1", self.row.number("max_replicas") or "1"
        if int(high) < int(low):
            self._note("max_replicas", f"{high} is below the minimum; cube-studio ran {low}, and so do we")
        return f"{low}~{high}" if int(high) > int(low) else low

    def _resources(self) -> dict[str, str]:
        row = self.row
        out = {"cpu": row.text("resource_cpu"), "memory": row.text("resource_memory"), "gpu": self._gpu()}
        return {key: value for key, value in out.items() if value and value != "0"}

    def _gpu(self) -> str:
        text = self.row.text("resource_gpu").upper()
        for family, card in _CARDS.items():
            if re.search(rf"[(,]{family}\)", text):
                text = re.sub(rf"([(,]){family}\)", rf"\g<1>{card})", text)
                self._note("resource_gpu", f"{family} comes in several sizes; {card} is what virtual GPUs assumed")
        if re.match(r"0\.\d", text):
            self._note(
                "resource_gpu", "cube-studio asked for no device here, so the pod saw all cards; now it gets its share"
            )
        return text

    def _shares(self, column: str) -> str:
        text = self.row.text(column)
        if not text:
            return ""
        shares = parse_shares(text)
        if column == "shadow" and len(shares) > 1:
            self._note(column, "cube-studio mirrored to the first only; all of them are carried over")
        if column == "canary" and sum(share.percent for share in shares) == 100:
            self._note(column, "cube-studio ignored a split of 100 %; now it sends everything to the others")
        return ",".join(f"{share.service}:{share.percent}%" for share in shares)

    def _env(self) -> dict[str, str]:
        env: dict[str, str] = {}
        for line in self._filled("env").splitlines():
            name, sign, value = line.strip().partition("=")
            if sign and name == "disable_load_balancer":
                self._note("env", "disable_load_balancer is not carried over: a Service is needed by the route")
            elif sign:
                env[name] = value
            elif line.strip():
                self._note("env", f'the line "{line.strip()}" has no = and was dropped there; it is left out')
        if self._has_volumes() and "TZ" not in env:
            env["TZ"] = "Asia/Shanghai"
            self._note(
                "volume_mount", "the node's time zone file is no longer mounted; the variable TZ says it instead"
            )
        return env

    def _has_volumes(self) -> bool:
        return ":" in self.row.text("volume_mount")

    def _volumes(self) -> str:
        text = self._filled("volume_mount")
        if not self._has_volumes():
            return ""
        parts = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
        if "/dev/shm" not in text:
            parts.append("(memory):/dev/shm")
            self._note(
                "volume_mount", "/dev/shm in memory was added to every service with a volume; now the spec says so"
            )
        if any("(pvc)" in part for part in parts) and not self.options.owner:
            self._note(
                "volume_mount", "a (pvc) volume showed its creator's folder only; now all of it (or give --owner NAME)"
            )
        return ",".join(parts)

    def _sidecar(self) -> str:
        words = [word for word in re.split(r"[,;]", self.row.text("sidecar")) if word]
        for word in words:
            if word not in _SIDECARS:
                self._note("sidecar", f"{word} did nothing there and is left out")
        return "istio" if "istio" in words else ""

    def _environments(self) -> dict[str, Any]:
        names: Iterable[str] = self.options.environments
        status = self.row.text("model_status")
        if not names and status in _STATUS:
            names = [_STATUS[status]]
        stamp = self._stamp()
        return {name: {"released": stamp} if stamp else EMPTY for name in names}

    def _stamp(self) -> str:
        match = re.match(r"(\d{4})[-.](\d\d)[-.](\d\d)[ T](\d\d:\d\d:\d\d)", self.row.text("deploy_time"))
        return f"{match[1]}-{match[2]}-{match[3]}T{match[4]}+08:00" if match else ""

    def _leftovers(self, keys: dict[str, Any]) -> None:
        for column, why in _UNUSED.items():
            if self.row.text(column):
                self._note(column, f"left out: {why}")
        if self.row.text("expand_help_url"):
            self._note("expand", "help_url is left out: it was a link of the console")
        if self.row.text("priority") not in ("", "1"):
            self._note("priority", "it changed nothing in Kubernetes; set `priority` to a PriorityClass of the cluster")
        for file in dict.fromkeys(re.findall(r"/config/([\w.-]+)", keys["command"])):
            if f"---{file}" not in keys["config"]:
                self._note("command", f"it reads /config/{file}, which the row does not have: write it under `config`")
        version = re.sub(r"\D", "", self.row.text("model_version"))
        named = re.search(r"/versions/(\d+)", keys["health"])
        if named and named[1] != version:
            self._note("health", f"it names version {named[1]}, the service is version {version}; kept as it is")


def _apps(out: Imported) -> None:
    """Services that share a host or split to one another are taken over together, so they go into one app."""
    apps: dict[str, str] = {}

    def find(app: str) -> str:
        while apps.get(app, app) != app:
            app = apps[app]
        return app

    by_name = {service.row.text("name") or service.name: service for service in out.services}
    by_host: dict[tuple[str, str], Service] = {}
    for service in out.services:
        domain = re.match(
            r"(?:https?://)?([A-Za-z0-9.-]+\.[A-Za-z][A-Za-z0-9-]*)(?=[:/]|$)", service.keys.get("host", "")
        )
        tied = [by_name.get(name) for name in re.findall(r"([a-z0-9-]+):\d", service.keys.get("split", ""))]
        if domain:
            tied.append(by_host.setdefault((service.project, domain[1].lower()), service))
        for other in tied:
            if other is not None and other.project == service.project and find(other.app) != find(service.app):
                apps[find(service.app)] = find(other.app)
    for service in out.services:
        app = find(service.app)
        if app != service.app:
            out.notes.append(
                Note(service.row.key, "host", f"goes into the app {app}: it shares a host or a split with it")
            )
            service.app = app


def _block(text: str) -> str:
    return f"{text.strip()}\n" if text else ""
