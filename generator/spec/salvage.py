"""The part of a broken spec that has no errors: what other specs are checked against until it is corrected."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from msgspec import Struct

from generator.spec.base import Spec

if TYPE_CHECKING:
    from generator.core.yaml import Document, Path

S = TypeVar("S", bound=Spec)

# How deep an entry is that is removed: one key of one environment, one version. Elsewhere it is a key of the file.
_DEPTHS: Final = {"environments": 3, "versions": 2}
# A key that is required and missing gets this value, which no name can have.
_UNKNOWN: Final = "?"
# Removing an entry can show an error of the entry around it, which has three levels.
_ROUNDS: Final = 4


class Salvaged(Struct, Generic[S], frozen=True):
    """A spec without its erroneous entries, and the paths of these."""

    spec: S
    lost: frozenset[Path]


def salvage(model: type[S], document: Document) -> Salvaged[S] | None:
    """Return the document as `model` without the entries that have errors; None if no entry can be told apart."""
    from generator.spec.validator import validate  # a run whose specs are in the cache does without

    data: Any = copy.deepcopy(document.data)
    lost: set[Path] = set()
    for _ in range(_ROUNDS if isinstance(data, dict) else 0):
        spec, details = validate(model, data)
        if spec is not None:
            return Salvaged(spec, frozenset(lost))
        for detail in details:
            path = _entry(detail["loc"])
            _remove(data, path)
            if detail["type"] == "missing" and len(path) == 1:
                data[path[0]] = _UNKNOWN
            lost.add(path)
    return None


def _entry(loc: Path) -> Path:
    return loc[: _DEPTHS.get(str(loc[0]), 1)] if loc else ()


def _remove(data: Any, path: Path) -> None:
    holder = data
    for step in path[:-1]:
        holder = holder.get(step) if isinstance(holder, dict) else None
    if path and isinstance(holder, dict):
        holder.pop(path[-1], None)
