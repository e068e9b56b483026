"""The affinity of a pod: that of its card, and that of its spec, both of which a node must meet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.spec.values.label_selector import LabelRequirement, Requirements

    Tree = dict[str, Any]

REQUIRED: Final = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED: Final = "preferredDuringSchedulingIgnoredDuringExecution"
_HOST: Final = "kubernetes.io/hostname"
_WEIGHT: Final = 100


def combine(card: Tree, own: Mapping[str, Any], selector: Mapping[str, str], pack: Tree | None = None) -> Tree:
    """Return the affinity that the card's and the spec's own give together.

    A pod must run on a node that meets one term of each. `selector` are the labels of the service's pods, `pack` is a
    further affinity to pods.
    """
    parts = {
        "nodeAffinity": [card.get("nodeAffinity"), own.get("nodeAffinity"), _nodes(own)],
        "podAffinity": [card.get("podAffinity"), own.get("podAffinity"), _near(own.get("near")), pack],
        "podAntiAffinity": [
            card.get("podAntiAffinity"),
            own.get("podAntiAffinity"),
            _near(own.get("avoid")),
            _spread(own.get("spread") or {}, selector),
        ],
    }
    return {name: found for name, found in ((name, _merge(some)) for name, some in parts.items()) if found}


def node_expressions(affinity: Any) -> list[Tree]:
    """Return the expressions over labels of nodes in an affinity, required and preferred ones."""
    preferred = _list(_child(affinity, "nodeAffinity"), PREFERRED)
    terms = [*required_terms(affinity), *(_expressions_of(_child(item, "preference")) for item in preferred)]
    return [item for term in terms for item in term]


def required_terms(affinity: Any) -> list[list[Tree]]:
    """Return the expressions over labels of nodes of each term, one of which a node must meet."""
    required = _child(_child(affinity, "nodeAffinity"), REQUIRED)
    return [_expressions_of(term) for term in _list(required, "nodeSelectorTerms")]


def expression_values(expression: Tree) -> frozenset[str]:
    """Return the values of an expression over a label."""
    return frozenset(map(str, _list(expression, "values")))


def _expressions_of(term: Any) -> list[Tree]:
    return [item for item in _list(term, "matchExpressions") if isinstance(item, dict)]


def _child(node: Any, key: str) -> Any:
    return node.get(key) if isinstance(node, dict) else None


def _list(node: Any, key: str) -> list[Any]:
    found = _child(node, key)
    return found if isinstance(found, list) else []


def _merge(parts: Iterable[Tree | None]) -> Tree:
    required: Any = None
    preferred: list[Any] = []
    for part in parts:
        preferred += (part or {}).get(PREFERRED, [])
        required = _both(required, (part or {}).get(REQUIRED))
    return {**({REQUIRED: required} if required else {}), **({PREFERRED: preferred} if preferred else {})}


def _both(one: Any, other: Any) -> Any:
    """Return what is required if both are: of the terms of nodes each pair, of the terms of pods all of them."""
    if not one or not other:
        return one or other
    if isinstance(one, list):
        return [*one, *other]
    terms, others = one["nodeSelectorTerms"], other["nodeSelectorTerms"]
    return {"nodeSelectorTerms": [_pair(term, further) for term in terms for further in others]}


def _pair(term: Tree, other: Tree) -> Tree:
    return {
        key: [*_list(term, key), *(item for item in _list(other, key) if item not in _list(term, key))]
        for key in dict.fromkeys((*term, *other))
    }


def _nodes(own: Mapping[str, Any]) -> Tree:
    out: Tree = {}
    if nodes := own.get("nodes"):
        out[REQUIRED] = {"nodeSelectorTerms": [{"matchExpressions": _expressions(nodes)}]}
    if prefer := own.get("prefer"):
        out[PREFERRED] = [
            {"weight": _WEIGHT, "preference": {"matchExpressions": [item]}} for item in _expressions(prefer)
        ]
    return out


def _expressions(labels: Requirements) -> list[Tree]:
    return [_expression(one) for requirements in labels.values() for one in requirements or ()]


def _expression(requirement: LabelRequirement) -> Tree:
    values = {"values": list(requirement.values)} if requirement.values else {}
    return {"key": requirement.key, "operator": requirement.operator, **values}


def _near(pods: Requirements | None) -> Tree:
    return {PREFERRED: [_weighted({"matchExpressions": _expressions(pods)}, _HOST)]} if pods else {}


def _spread(topologies: Mapping[str, bool], selector: Mapping[str, str]) -> Tree:
    labels = {"matchLabels": dict(selector)}
    required = [{"labelSelector": labels, "topologyKey": topology} for topology, must in topologies.items() if must]
    preferred = [_weighted(labels, topology) for topology, must in topologies.items() if not must]
    return {**({REQUIRED: required} if required else {}), **({PREFERRED: preferred} if preferred else {})}


def _weighted(labels: Tree, topology: str) -> Tree:
    return {"weight": _WEIGHT, "podAffinityTerm": {"labelSelector": labels, "topologyKey": topology}}
