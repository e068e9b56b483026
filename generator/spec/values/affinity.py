"""`affinity:` on which nodes, and near which pods, the pods of a service run.

A string says what the labels of the nodes must be. A mapping has the short keys `nodes`, `prefer`, `spread`, `near` and
`avoid`, and the three of Kubernetes: `nodeAffinity`, `podAffinity` and `podAntiAffinity`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from generator.spec.values import label_selector
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.scalars import QUALIFIED_NAME
from generator.spec.values.text import check_keys, each, prefix_errors, scalar, whole_number

SELECTORS: Final = ("nodes", "prefer", "near", "avoid")
FULL: Final = ("nodeAffinity", "podAffinity", "podAntiAffinity")
_OF_PODS: Final = ("near", "avoid")
_KEYS: Final = (*SELECTORS, "spread", *FULL)
_REQUIRED: Final = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED: Final = "preferredDuringSchedulingIgnoredDuringExecution"
_TOPOLOGIES: Final = {
    "node": "kubernetes.io/hostname",
    "zone": "topology.kubernetes.io/zone",
    "region": "topology.kubernetes.io/region",
}
_DEGREES: Final = ("preferred", "required")
_EXPECTED: Final = "node, zone or region, or a label of nodes"


def parse(value: object) -> dict[str, Any]:
    """Parse a mapping, or a string that is the `nodes` of one. Raises InvalidValueError.

    The short keys become mappings: selectors of each label to its requirements, `spread` of each label of nodes to
    whether it is required. None is the value of what the spec removes.
    """
    if not isinstance(value, dict):
        return {"nodes": label_selector.parse(value)}
    check_keys(value, _KEYS)
    out: dict[str, Any] = {}
    for key, item in value.items():
        with prefix_errors(key):
            out[key] = None if item is None else _part(key, item)
    return out


def _part(key: str, item: object) -> Any:
    if key in FULL:
        return _full(key, item)
    if key == "spread":
        return _spread(item)
    found = label_selector.parse(item)
    if key in _OF_PODS:
        _refuse_numbers(found)
    return found


def _refuse_numbers(labels: label_selector.Requirements) -> None:
    """Refuse > and <, which Kubernetes has for the labels of nodes only."""
    for label, requirements in labels.items():
        if any(one.operator in ("Gt", "Lt") for one in requirements or ()):
            raise InvalidValueError(label, "=, !=, in or notin after a label of pods", hint=f"for example {label}=a")


def _spread(value: object) -> dict[str, bool | None]:
    if not isinstance(value, dict):
        return dict.fromkeys(each(value, _EXPECTED, topology), False)
    if not value:
        raise InvalidValueError(value, _EXPECTED)
    return dict(_degree(name, degree) for name, degree in value.items())


def _degree(name: str, degree: object) -> tuple[str, bool | None]:
    with prefix_errors(name):
        if degree is not None and degree not in _DEGREES:
            raise InvalidValueError(degree, "preferred or required", hint="write preferred")
        return topology(name), None if degree is None else degree == "required"


def topology(name: str, expected: str = _EXPECTED) -> str:
    """Return the label of nodes that a name such as `zone` means. Raises InvalidValueError."""
    found = _TOPOLOGIES.get(name, name)
    if found == name and ("/" not in name or not QUALIFIED_NAME.match(name)):
        raise InvalidValueError(name, expected, hint="for example zone, or topology.kubernetes.io/zone")
    return found


def _full(key: str, value: object) -> dict[str, Any]:
    """Check the form of one of the three keys of Kubernetes; the schema of the Deployment checks what is below."""
    if not isinstance(value, dict):
        raise InvalidValueError(value, "a mapping, as in Kubernetes", hint=f"for example {{{_PREFERRED}: […]}}")
    check_keys(value, (_REQUIRED, _PREFERRED))
    lists = dict(value)
    if key == "nodeAffinity" and _REQUIRED in value:
        with prefix_errors(_REQUIRED):
            required = value[_REQUIRED]
            if not isinstance(required, dict):
                raise InvalidValueError(required, "a mapping", hint="write nodeSelectorTerms: […]")
            check_keys(required, ("nodeSelectorTerms",), ("nodeSelectorTerms",))
            lists[_REQUIRED] = required["nodeSelectorTerms"]
    for name, items in lists.items():
        if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
            raise InvalidValueError(items, "a list of mappings, as in Kubernetes", at=(name,))
    return {name: _typed(item) for name, item in value.items()}


def _typed(node: Any) -> Any:
    """Return a value with whole numbers for weights, the only numbers in it."""
    if isinstance(node, list):
        return [_typed(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {name: _weight(item) if name == "weight" else _typed(item) for name, item in node.items()}


def _weight(item: Any) -> int:
    return whole_number(scalar(item, "a weight from 1 to 100"), 1, 100, "a weight from 1 to 100")


_SELECTOR: Final = {"anyOf": [{"type": "string"}, {"type": "array"}, {"type": "object"}, {"type": "null"}]}
AffinityField = Annotated[
    dict[str, Any],  # values may be None (removed) until the layers are merged
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}},
                {
                    "type": "object",
                    "properties": {
                        **dict.fromkeys((*SELECTORS, "spread"), _SELECTOR),
                        **{
                            key: {
                                "type": ["object", "null"],
                                "properties": {_REQUIRED: {"type": ["object", "array"]}, _PREFERRED: {"type": "array"}},
                                "additionalProperties": False,
                            }
                            for key in FULL
                        },
                    },
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
