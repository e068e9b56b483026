"""The engine that is always there: JSON Schema in process, with the exact path of every fault."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs

from generator.validation.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from generator.validation.catalogue import Catalogue

_LONGEST: Final = 200


def validate(objects: Sequence[dict[str, Any]], catalogue: Catalogue) -> list[Finding]:
    """Every fault of every object; a kind without a schema is an `error`, never silently fine."""
    out: list[Finding] = []
    for index, tree in enumerate(objects):
        validator = _validator(catalogue, tree.get("apiVersion"), tree.get("kind"))
        if validator is None:
            message = f"no schema for {tree.get('apiVersion')} {tree.get('kind')}, so it cannot be judged"
            out.append(Finding(index, (), message, "error"))
        elif not validator.is_valid(tree):
            out += _findings(index, validator.iter_errors(tree))
    return out


@lru_cache(maxsize=512)
def _validator(catalogue: Catalogue, api_version: object, kind: object) -> jsonschema_rs.Validator | None:
    if not isinstance(api_version, str) or not isinstance(kind, str):
        return None
    path = catalogue.path(api_version, kind)
    return _compiled(path) if path is not None else None


@lru_cache(maxsize=512)
def _compiled(path: Path) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(json.loads(path.read_text(encoding="utf-8")))


def _findings(index: int, errors: Iterator[jsonschema_rs.ValidationError]) -> list[Finding]:
    found = {(tuple(error.instance_path), _message(error)) for error in errors}
    return [Finding(index, path, message) for path, message in sorted(found, key=lambda f: (str(f[0]), f[1]))]


def _message(error: jsonschema_rs.ValidationError) -> str:
    text = error.message
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
