"""Convert the columns of a cube-studio service to the keys of a spec, with a note for each change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from generator.core.printable import printable_line
from generator.core.yaml import EMPTY
from generator.importers.dollars import unescape
from generator.importers.note import Note
from generator.importers.regenerate import regenerate
from generator.spec.values.env import refuse_name
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.series import HIGHEST_ID
from generator.spec.values.shares import parse_shares

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from generator.importers.rows import Row

_STATUS: Final = {"debug": "debug", "test": "test", "online": "prod"}
# The cards that cube-studio's virtual GPUs assumed for a name that several sizes share.
_CARDS: Final = {"V100": "V100-32G", "A100": "A100-40G", "H100": "H100-80G"}
_SIDECARS: Final = ("istio",)
_EXPAND: Final = {
    "help_url": "it was a link in the console",
    "disable_load_balancer": (
        "routes need no headless Service; for clients in the cluster that do, patch the Service with `clusterIP: None`"
    ),
}
# cube-studio runs an image as the user that the image names, mostly root, lets it write anywhere, and limits neither
# its disk nor its network; the commands of its services rely on that.
_OPEN: Final = {"user": "image", "read_only_root": False, "network": "open"}
_OPEN_NOTE: Final = (
    "it may run as root, write anywhere and reach every address, as before: `user: image`, `read_only_root: false`, "
    "`network: open`, `ephemeral: null`; remove what it does not need (docs/pods.md)"
)
_DOLLARS_NOTE: Final = "Kubernetes turned $$ into $; the spec has what the process got, and servegen escapes it"
_UNUSED: Final = {
    "args": "cube-studio stored arguments but never passed them on",
    "cronhpa": "cube-studio never ran scheduled scaling",
    "transformer": "only cube-studio's command generator read it",
    "model_type": "only cube-studio's command generator read it",
    "model_input": "nothing read it",
    "model_output": "nothing read it",
}


class ImportOptions(Struct, frozen=True):
    """Options for what the data do not contain.

    `environments` are those to deploy to, `owner` is the user whose folder a (pvc) volume shows, and `types` are the
    known service types. `regenerate` replaces the commands that cube-studio generated. `renames` holds names of models
    and projects, each with the name to write instead.
    """

    environments: Sequence[str] = ()
    owner: str | None = None
    types: Sequence[str] = ()
    regenerate: bool = False
    renames: Mapping[str, str] = field(default_factory=dict)


class Keys(Struct):
    """The conversion of one row to the keys of a service spec. `notes` collects what changed."""

    row: Row
    options: ImportOptions
    notes: list[Note]

    def service(self, model: str, version: str, type_: str) -> dict[str, Any]:
        """Return all keys for which the row has a value.

        Raises InvalidValueError when a column cannot be carried over.
        """
        row = self.row
        keys: dict[str, Any] = {
            "id": self._id(),
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
            "command": self._process_text("command"),
            "workdir": self._filled("working_dir"),
            "volumes": self._volumes(),
            "owner": self.options.owner,
            **_OPEN,
            "health": self._process_text("health"),
            "metrics": row.text("metrics"),
            "sidecar": self._sidecar(),
            "environments": self._environments(),
        }
        self._note("images", _OPEN_NOTE)
        if self.options.regenerate:
            keys = regenerate(keys, row, self.notes)
        self._leftovers(keys)
        return {key: value for key, value in keys.items() if value not in ("", None, {})}

    def _id(self) -> str:
        """Return the row's id, from which cube-studio computed the external ports; empty if no port follows from it."""
        id = self.row.number("id")
        if id and int(id) > HIGHEST_ID:
            self._note("id", f"it is left out: ids above {HIGHEST_ID} give no port")
            return ""
        return id

    def _note(self, column: str, text: str) -> None:
        self.notes.append(Note(self.row.key, column, text))

    def _process_text(self, column: str) -> str:
        """Return a column as the process got it. Raises InvalidValueError as `_filled` does."""
        text = self._filled(column)
        if (found := unescape(text)) != text:
            self._note(column, _DOLLARS_NOTE)
        return found

    def _filled(self, column: str) -> str:
        """Return a column with cube-studio's variables replaced, as cube-studio did when saving or deploying a service.

        Raises InvalidValueError when a variable has no value.
        """
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
                    raise InvalidValueError(text, f"a value for {variable}", hint="use --owner NAME for {{creator}}")
                text = text.replace(variable, value)
                self._note(column, f"{variable} is replaced with {value}")
        return text

    def _ports(self) -> str:
        ports = [part for part in re.split(r"[,，]", self.row.text("ports")) if part.strip()]
        if len(ports) > 2:
            self._note("ports", f"only the first two are reachable, as before; {', '.join(ports[2:])} is left out")
        return ",".join(port.strip() for port in ports[:2])

    def _replicas(self) -> str:
        low, high = self.row.number("min_replicas") or "1", self.row.number("max_replicas") or "1"
        if int(high) < int(low):
            self._note("max_replicas", f"{high} is below the minimum; cube-studio ran {low}, which is kept")
        return f"{low}~{high}" if int(high) > int(low) else low

    def _resources(self) -> dict[str, str | None]:
        row = self.row
        out = {"cpu": row.text("resource_cpu"), "memory": row.text("resource_memory"), "gpu": self._gpu()}
        return {**{key: value for key, value in out.items() if value and value != "0"}, "ephemeral": None}

    def _gpu(self) -> str:
        text = self.row.text("resource_gpu").upper()
        for family, card in _CARDS.items():
            if re.search(rf"[(,]{family}\)", text):
                text = re.sub(rf"([(,]){family}\)", rf"\g<1>{card})", text)
                self._note("resource_gpu", f"{family} comes in several sizes; {card} is used, as virtual GPUs assumed")
        if re.match(r"0\.\d", text):
            self._note(
                "resource_gpu",
                "cube-studio requested no device here, so the pod saw all cards; now the pod gets its share",
            )
        return text

    def _shares(self, column: str) -> str:
        text = self.row.text(column)
        if not text:
            return ""
        shares = parse_shares(text)
        if column == "shadow" and len(shares) > 1:
            self._note(column, "cube-studio mirrored only to the first; all of them are carried over")
        if column == "canary" and sum(share.percent for share in shares) == 100:
            self._note(column, "cube-studio ignored a split of 100 %; now it sends all requests to the others")
        return ",".join(f"{share.service}:{share.percent}%" for share in shares)

    def _env(self) -> dict[str, str]:
        env: dict[str, str] = {}
        for line in self._process_text("env").splitlines():
            name, sign, value = line.strip().partition("=")
            if sign and name == "disable_load_balancer":
                self._note("env", "disable_load_balancer is not carried over: the route needs a Service")
            elif sign and (mistake := refuse_name(name)) is not None:
                self._note("env", f"{printable_line(name)} is left out: {mistake}")
            elif sign:
                env[name] = value
            elif line.strip():
                self._note("env", f'the line "{line.strip()}" has no =, so cube-studio dropped it; it is left out')
        if self._has_volumes() and "TZ" not in env:
            env["TZ"] = "Asia/Shanghai"
            self._note("volume_mount", "the node's time zone file is no longer mounted; the variable TZ replaces it")
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
                "volume_mount",
                "cube-studio added /dev/shm in memory to every service with a volume; now it is in the spec",
            )
        if any("(pvc)" in part for part in parts) and not self.options.owner:
            self._note(
                "volume_mount",
                "a (pvc) volume showed only its creator's folder; now it shows all of it (or use --owner NAME)",
            )
        return ",".join(parts)

    def _sidecar(self) -> str:
        words = [word for word in re.split(r"[,;]", self.row.text("sidecar")) if word]
        for word in words:
            if word not in _SIDECARS:
                self._note("sidecar", f"{word} had no effect in cube-studio and is left out")
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
        for column in self.row.columns:
            if column.startswith("expand."):
                key = column.partition(".")[2]
                self._note("expand", f"{key} is left out: {_EXPAND.get(key, 'servegen has no key for it')}")
            elif column.startswith("project.expand."):
                key = column.rpartition(".")[2]
                self._note("project", f"its {key} is not carried over: set it in project.yaml or platform.yaml")
        if self.row.text("priority") not in ("", "1"):
            self._note("priority", "it had no effect in Kubernetes; set `priority` to a PriorityClass of the cluster")
        for file in dict.fromkeys(re.findall(r"/config/([\w.-]+)", keys["command"])):
            if f"---{file}" not in keys["config"]:
                self._note("command", f"it reads /config/{file}, which is not in the row: add it under `config`")
        version = re.sub(r"\D", "", self.row.text("model_version"))
        named = re.search(r"/versions/(\d+)", keys["health"])
        if named and named[1] != version:
            self._note(
                "health", f"it names version {named[1]}, but the service is version {version}; it is kept unchanged"
            )


def _block(text: str) -> str:
    return f"{text.strip()}\n" if text else ""
