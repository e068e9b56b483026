"""What MLflow's MLmodel file says of a model: with what it can be loaded (flavors), and how large it is.

Source: MLflow documentation, "MLflow Models", storage format. The run that logged the model may hold the same as JSON
in its tag `mlflow.log-model.history`, one entry for each model that it logged.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from generator.core.yaml import read

if TYPE_CHECKING:
    from collections.abc import Mapping

# The flavor that stands beside each other one: any of them, loaded as a Python function.
_GENERIC: Final = "python_function"


@dataclass(frozen=True, slots=True)
class ModelFormat:
    """The flavors of a model without the generic one, and its size in bytes, empty where nobody says it."""

    flavors: tuple[str, ...]
    size: str

    def frameworks(self, known: Mapping[str, str]) -> tuple[str, ...]:
        """The frameworks that the flavors stand for; `known` has our names by those that others give them."""
        return tuple(sorted({known[flavor.lower()] for flavor in self.flavors if flavor.lower() in known}))


def parse(raw: bytes) -> ModelFormat | None:
    """What an MLmodel file says; None where it says nothing of flavors."""
    document, _ = read(raw, "MLmodel")
    return _format(document.data) if document is not None else None


def format_of_run(history: str, path: str) -> ModelFormat | None:
    """What the tag of a run says of its model that lies at `path`."""
    try:
        entries = json.loads(history)
    except ValueError:
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
