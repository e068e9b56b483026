"""Read the flavors (the libraries that can load a model) and the size of a model from MLflow's MLmodel file.

Source: MLflow documentation, "MLflow Models", storage format. The run that logged the model may have the same data as
JSON in its tag `mlflow.log-model.history`, with one entry for each model that it logged.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.core.yaml import read

if TYPE_CHECKING:
    from collections.abc import Mapping

# The generic flavor that is listed with every other one: any model, loaded as a Python function.
_GENERIC: Final = "python_function"


class ModelFormat(Struct, frozen=True):
    """The flavors of a model without the generic one, and its size in bytes, empty if unknown."""

    flavors: tuple[str, ...]
    size: str

    def frameworks(self, known: Mapping[str, str]) -> tuple[str, ...]:
        """Return the frameworks of the flavors; `known` maps lower-case framework names to those of the catalog."""
        return tuple(sorted({known[flavor.lower()] for flavor in self.flavors if flavor.lower() in known}))


def parse(raw: bytes) -> ModelFormat | None:
    """Return the format in an MLmodel file; None if the file has no flavors."""
    document, _ = read(raw, "MLmodel")
    return _format(document.data) if document is not None else None


def format_of_run(history: str, path: str) -> ModelFormat | None:
    """Return the format of the model at `path` from the history tag of its run; None if it is not listed."""
    try:
        entries = json.loads(history)
    except (ValueError, RecursionError):
        return None
    for entry in reversed(entries) if isinstance(entries, list) else ():
        below = str(entry.get("artifact_path", "")).strip("/") if isinstance(entry, dict) else ""
        if below and path.rstrip("/").endswith(f"/{below}"):
            return _format(entry)
    return None


def _format(data: Any) -> ModelFormat | None:
    flavors = data.get("flavors") if isinstance(data, dict) else None
    if not isinstance(flavors, dict):
        return None
    size = str(data.get("model_size_bytes", ""))
    return ModelFormat(
        tuple(str(flavor) for flavor in flavors if flavor != _GENERIC),
        size if size.isascii() and size.isdigit() else "",
    )
