"""Add versions to a model's registry file, keeping what users wrote in it: comments, order, layout and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.core.yaml import read
from generator.edit.spec_text import model_text
from generator.edit.yaml_edit import put
from generator.importers.note import Note

if TYPE_CHECKING:
    from collections.abc import Iterator


def add_versions(
    existing: bytes | None, file: str, model: str, versions: dict[str, dict[str, Any]], *, force: bool = False
) -> tuple[bytes, list[Note]]:
    """Return the file's content with `versions` added, and notes on facts that the file has with another value.

    Missing keys of a version are added; a key with another value is kept, unless `force`. Raises NotEditableError.
    """
    if existing is None:
        return model_text({"versions": versions}).encode(), []
    refused: list[Note] = []
    for version, facts in versions.items():
        known = _known(existing, file, version)
        if not known:
            existing = put(existing, file, ("versions", version), facts)
            continue
        for key, value in facts.items():
            if key not in known or force:
                existing = put(existing, file, ("versions", version, key), value)
        refused += [] if force else _conflicts(known, facts, f"{model} {version}")
    return existing, refused


def _known(existing: bytes, file: str, version: str) -> dict[str, Any]:
    """Return the facts that the file has for a version; empty if there are none."""
    document, _ = read(existing, file)
    found: Any = document.data if document is not None else None
    for key in ("versions", version):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _conflicts(known: dict[str, Any], facts: dict[str, Any], name: str) -> Iterator[Note]:
    for key, value in facts.items():
        if key in known and str(known[key]) != str(value):
            yield Note(name, key, f"the registry has {known[key]}, not {value}; use --force to replace it")
