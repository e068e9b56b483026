"""Spec files as text, when a program writes them: the editor line, then the keys in the order that people expect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.yamlio import dump_spec, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.yamlio import Document

_ORDER: Final = [
    "id",
    "series",
    "model",
    "version",
    "type",
    "description",
    "image",
    "ports",
    "host",
    "timeout",
    "replicas",
    "hpa",
    "resources",
    "priority",
    "split",
    "mirror",
    "env",
    "config",
    "command",
    "workdir",
    "volumes",
    "owner",
    "user",
    "health",
    "metrics",
    "sidecar",
    "environments",
]


def editor_line(kind: str, depth: int) -> str:
    """The comment by which editors find the JSON Schema; `depth` counts the folders between the file and services/."""
    return f"# yaml-language-server: $schema={'../' * depth}.schema/{kind}.json\n"


def service_text(keys: Mapping[str, Any]) -> str:
    """A service spec; an environment without a stanza of its own is EMPTY."""
    return editor_line("service", 2) + dump_spec({key: keys[key] for key in _ORDER if key in keys})


def with_keys(raw: bytes, document: Document, keys: Mapping[str, str]) -> bytes | None:
    """A service's file with plain texts as further keys before `model`, all else byte for byte.

    None where the file has a form that does not allow it, or one of the keys.
    """
    text = raw.decode("utf-8")
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    lines = text.removeprefix(mark).split("\n")
    place = document.key_position(("model",))
    row, column = place.line - 1, place.column - 1
    if not isinstance(document.data, dict) or row >= len(lines):
        return None
    line = lines[row]
    indent, end = line[: len(line) - len(line.lstrip(" "))], "\r" if line.endswith("\r") else ""
    block = [*(f"{indent}{key}: {value}{end}" for key, value in keys.items()), line]
    flow = [line[:column] + "".join(f"{key}: {value}, " for key, value in keys.items()) + line[column:]]
    for changed in (block, flow):
        new = (mark + "\n".join([*lines[:row], *changed, *lines[row + 1 :]])).encode()
        read_back, _ = read(new, document.file)
        if read_back is not None and read_back.data == {**keys, **document.data}:
            return new
    return None


def project_text(keys: Mapping[str, Any]) -> str:
    """A project spec."""
    return editor_line("project", 1) + dump_spec(dict(keys))


def model_text(keys: Mapping[str, Any]) -> str:
    """A registry file."""
    return editor_line("model", 2) + dump_spec(dict(keys))
