"""Additional labels of a namespace, without those that other keys set and those that would undo other keys."""

from __future__ import annotations

from typing import Annotated, Final

from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.scalars import label_map

_POD_SECURITY: Final = "pod-security.kubernetes.io/"
_ELSEWHERE: Final = {
    "istio.io/rev": "write `sidecars: {revision: …}` on the cluster",
    "istio-injection": "remove it: each pod sets whether it gets a proxy",
    "app.kubernetes.io/managed-by": "remove it: servegen sets it",
    "app.kubernetes.io/part-of": "remove it: servegen sets it to the project",
    "kubernetes.io/metadata.name": "remove it: Kubernetes sets it",
}


def parse(value: object) -> dict[str, str | None]:
    """Return the labels. Raises InvalidValueError."""
    out = label_map(value)
    for name in out:
        hint = "write `pod_security`" if name.startswith(_POD_SECURITY) else _ELSEWHERE.get(name)
        if hint is not None:
            raise InvalidValueError(name, "a label that servegen and Kubernetes do not set", hint=hint, at=(name,))
    return out


NamespaceLabels = Annotated[
    dict[str, str],
    Parser(parse),
    JsonSchema({"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1}),
]
