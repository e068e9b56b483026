"""`import cube-studio --regenerate`: replace the commands that cube-studio generated with those of servegen.

cube-studio downloads the model, copies it to where the server looks, and starts the server, in one line of shell. A
command that does anything else was written by a user: it is kept.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.core.regex import regex
from generator.importers.note import Note

if TYPE_CHECKING:
    from generator.importers.rows import Row

# What cube-studio's generated commands do before they start the server.
_STEPS: Final = frozenset({"wget", "tar", "unzip", "mkdir", "cp", "ls", "torch-model-archiver"})
# The settings that only the old command needed, or that the server's launch gives.
_REPLACED: Final = ("command", "workdir", "health", "metrics")


class _Generated(Struct, frozen=True):
    """What cube-studio generated for one type: the program, its config files, and ports that it should not publish."""

    program: str
    config: frozenset[str] = frozenset()
    internal: frozenset[str] = frozenset()


_SERVERS: Final = {
    "tfserving": _Generated(
        "tf_serving_entrypoint.sh", frozenset({"models.config", "monitoring.config", "platform.config"})
    ),
    "torch-server": _Generated("torchserve", frozenset({"config.properties", "log4j2.xml"}), frozenset({"8081"})),
    "triton-server": _Generated("tritonserver"),
}
_FRAMEWORKS: Final = {"tfserving": "tf", "torch-server": "pytorch"}
# cube-studio takes the framework of a Triton model from its file name.
_SUFFIXES: Final = {".onnx": "onnx", ".plan": "tensorrt", ".pt": "pytorch", ".pth": "pytorch"}
_ARCHIVE: Final = regex(r"(https?://\S*/([^/?#]+)\.(?:tar\.gz|tgz|zip))\Z")


def regenerate(keys: dict[str, Any], row: Row, notes: list[Note]) -> dict[str, Any]:
    """Return the keys of a service without what its server's launch gives; all of them if a user wrote its command."""
    server = _SERVERS.get(keys["type"])
    command = keys["command"]
    if server is None or not command:
        return keys
    left = _others(command, server.program)
    if left:
        notes.append(Note(row.key, "command", f"it is kept: cube-studio did not generate {left}"))
        return keys
    for key in _REPLACED:
        if keys[key]:
            notes.append(Note(row.key, key, f"left out, the server's own is generated: {keys[key]}"))
    config = _config(keys["config"], row, server, notes)
    return {
        **keys,
        **dict.fromkeys(_REPLACED, ""),
        "config": config,
        "ports": _ports(keys["ports"], row, server, notes),
        "host": _host(keys["host"], row, server, notes),
    }


def model_facts(type_: str, row: Row, notes: list[Note]) -> dict[str, Any]:
    """Return the framework and the path that cube-studio's generated command takes for granted."""
    path = row.text("model_path")
    suffix = next((suffix for suffix in _SUFFIXES if path.endswith(suffix)), "")
    framework = _FRAMEWORKS.get(type_) or _SUFFIXES.get(suffix, "tf")
    archive = _ARCHIVE.match(path)
    if archive is None:
        return {"framework": framework}
    notes.append(Note(row.key, "model_path", f"the model is the archive's folder {archive[2]}, as cube-studio expects"))
    return {"framework": framework, "path": f"{archive[1]}#{archive[2]}"}


def _others(command: str, program: str) -> str:
    """Return the first step of a command that is not one of cube-studio's; empty if there is none."""
    steps = [step.split() for step in command.split("&&")]
    for number, words in enumerate(steps, 1):
        name = words[0].rpartition("/")[2] if words else ""
        if not (name == program if number == len(steps) else name in _STEPS):
            return f"`{' '.join(words)}`"
    return ""


def _config(text: str, row: Row, server: _Generated, notes: list[Note]) -> str:
    """Return the config files of a row without those that the launch generates."""
    kept = []
    for part in re.split(r"(?m)^---+", text):
        name = part.partition("\n")[0].strip()
        if name in server.config:
            notes.append(Note(row.key, "inference_config", f"{name} is left out, the server's own is generated"))
        elif part.strip():
            kept.append(f"---{part}")
    return "".join(kept)


def _ports(text: str, row: Row, server: _Generated, notes: list[Note]) -> str:
    kept = []
    for port in text.split(","):
        if port in server.internal:
            notes.append(Note(row.key, "ports", f"{port} is left out: who reaches it can load code into the server"))
        else:
            kept.append(port)
    return ",".join(kept)


def _host(text: str, row: Row, server: _Generated, notes: list[Note]) -> str:
    """Return the host; empty, which is the service's default, if it leads to a port that is left out."""
    port = re.search(r":([0-9]+)(?=/|\Z)", text)
    if port is None or port[1] not in server.internal:
        return text
    notes.append(Note(row.key, "host", f"{text} is left out, because it leads to port {port[1]}"))
    return ""
