"""Spec files as text, when a program writes them: the editor line, then the keys in the order that people expect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.core.yaml import dump_spec

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def project_text(keys: Mapping[str, Any]) -> str:
    """A project spec."""
    return editor_line("project", 1) + dump_spec(dict(keys))


def model_text(keys: Mapping[str, Any]) -> str:
    """A registry file."""
    return editor_line("model", 2) + dump_spec(dict(keys))
