"""A Kubernetes object in the place of a spec, such as a Deployment or an InferenceService of KServe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding

if TYPE_CHECKING:
    from generator.core.yaml import Document

_ID: Final = "Y09"
_KSERVE: Final = "serving.kserve.io/"


def find_kubernetes_object(document: Document) -> Finding | None:
    """Return the finding for a file that holds a Kubernetes object, or None."""
    data = document.data
    version, kind = (data.get(key) if isinstance(data, dict) else None for key in ("apiVersion", "kind"))
    if not isinstance(version, str) or not isinstance(kind, str):
        return None
    what = "KServe object" if version.startswith(_KSERVE) else "Kubernetes object"
    message = f"found the {what} {kind} of {version}, expected a spec"
    hint = (
        "move it out of services/, and register its model with `servegen register`; `servegen new` then writes a spec"
    )
    if what != "KServe object":
        hint = "move it out of services/; `servegen new` writes a spec, and docs/templates.md describes further objects"
    return Finding(_ID, message, document.key_position(("apiVersion",)), hint)
