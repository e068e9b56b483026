"""Versions into a model's registry file, keeping what people wrote there: comments, order and their own values."""

from __future__ import annotations

import io
from typing import Any

from generator.importers.note import Note
from generator.specfile import model_text


def add_versions(
    existing: str | None, model: str, versions: dict[str, dict[str, Any]], *, force: bool = False
) -> tuple[str, list[Note]]:
    """The file's text with `versions` added, and what was refused because the file says something else.

    Keys that a version lacks are added; a key with another value stays, unless `force`.
    """
    if existing is None:
        return model_text({"versions": versions}), []
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    data = yaml.load(existing)
    known = data.setdefault("versions", {})
    refused = [
        note
        for version, facts in versions.items()
        for note in _merge(known.setdefault(version, {}), facts, f"{model} {version}", force=force)
    ]
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue(), refused


def _merge(target: dict[str, Any], facts: dict[str, Any], name: str, *, force: bool) -> list[Note]:
    refused = []
    for key, value in facts.items():
        if key not in target or force:
            target[key] = value
        elif str(target[key]) != str(value):
            refused.append(Note(name, key, f"the registry has {target[key]}, not {value}; use --force to replace it"))
    return refused
