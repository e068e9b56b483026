"""Environment variables in the form of Kubernetes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.render.views.expansion import escape

if TYPE_CHECKING:
    from generator.spec.values.env import KeyReference


def variable(name: str, value: str | KeyReference) -> dict[str, Any]:
    """Return a variable with a text, or with a reference to a key of a Secret or a ConfigMap."""
    if isinstance(value, str):
        return {"name": name, "value": escape(value)}
    kind = "secretKeyRef" if value.kind == "secret" else "configMapKeyRef"
    return {"name": name, "valueFrom": {kind: {"name": value.name, "key": value.key}}}
