"""The pods of rendered Deployments as the capacity plan sees them: requests, shares of cards, nodes that they accept.

Values of a wrong type, from a patch, are skipped: the schema refuses them. Sources: Kubernetes documentation, Assigning
Pods to Nodes, and Pod Topology Spread Constraints; for cards, `card_shares`.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Any, Final

from generator.core.loose_values import to_map
from generator.fleet.capacity.pods import LabelRule, NodeRules, PodShape, TolerationRule
from generator.render.card_shares import card_share, find_unit
from generator.render.pod_requests import PODS, pod_amounts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from generator.render.engine.shapes import Tree

_PREFIX: Final = "requests."
# The resources of a node that the plan counts by name; ephemeral storage is not among the facts of a pool.
_BESIDE: Final = ("cpu", "memory", "ephemeral-storage")
_USE: Final = "nvidia.com/use-gputype"
_AVOID: Final = "nvidia.com/nouse-gputype"
_HOSTNAME: Final = "kubernetes.io/hostname"
_UNCOUNTED: Final = "a card that no request counts"
_PARTS: Final = "shares of cards that pools have by name"
# The operators of a toleration; another one is refused, or is of a later version, and counts as a match.
_EQUAL: Final = "Equal"


def pod_shape(
    template: Tree,
    project: str,
    plain: frozenset[str],
    counted: Collection[str],
    names: Mapping[str, str] | None = None,
    *,
    has_card: bool = False,
) -> PodShape:
    """Return the shape of the pods of a template.

    `plain` are the resources that pools have by name, and `counted` are those by which the backend counts cards.
    `names` are the backend's names of resources that the cluster has renamed. `has_card` says that the service asks for
    a card that is accounted for: if none is found, the plan does not know the pod.
    """
    spec, annotations = template["spec"], to_map(template["metadata"].get("annotations"))
    amounts = {name.removeprefix(_PREFIX): value for name, value in pod_amounts(template).items() if name != PODS}
    others = {name: _whole(value) for name, value in amounts.items() if name not in _BESIDE and value}
    backend = {name: name if names is None else names.get(name, name) for name in others if name not in plain}
    share, used = card_share({known: others[name] for name, known in backend.items()}, annotations, counted)
    left = sorted((name, amount) for name, amount in others.items() if backend.get(name) not in used)
    beyond = dict.fromkeys(_beyond(spec))
    known_unit = find_unit(sorted(used), counted)
    unit = next((name for name, known in backend.items() if known == known_unit), None)
    if share is not None and unit is None and _domains(used) & _domains(others.keys() & plain):
        share = None
        beyond.setdefault(_PARTS)
    if has_card and share is None and not left:
        beyond.setdefault(_UNCOUNTED)
    return PodShape(
        cpu=_whole(amounts.get("cpu", Decimal(0)) * 1000),
        memory=_whole(amounts.get("memory", Decimal(0))),
        rules=_rules(spec, annotations, project, unit),
        share=share,
        others=tuple(left),
        beyond=tuple(beyond),
    )


def _domains(names: Iterable[str]) -> set[str]:
    return {name.partition("/")[0] for name in names}


def _rules(spec: dict[str, Any], annotations: dict[str, Any], project: str, unit: str | None) -> NodeRules:
    selector = [LabelRule(key, "In", (str(value),)) for key, value in sorted(to_map(spec.get("nodeSelector")).items())]
    return NodeRules(
        project=project,
        selector=tuple(rule for rule in selector if rule.key != _HOSTNAME),
        terms=tuple(tuple(_expressions(term)) for term in _terms(spec)),
        tolerations=tuple(_toleration(one) for one in _mappings(spec.get("tolerations"))),
        use=_words(annotations.get(_USE)),
        avoid=_words(annotations.get(_AVOID)),
        unit=unit,
    )


def _terms(spec: dict[str, Any]) -> list[dict[str, Any]]:
    node = to_map(to_map(spec.get("affinity")).get("nodeAffinity"))
    return _mappings(to_map(node.get("requiredDuringSchedulingIgnoredDuringExecution")).get("nodeSelectorTerms"))


def _expressions(term: dict[str, Any]) -> Iterator[LabelRule]:
    for one in _mappings(term.get("matchExpressions")):
        values = one.get("values")
        texts = tuple(map(str, values)) if isinstance(values, list) else ()
        if one.get("key") != _HOSTNAME:
            yield LabelRule(str(one.get("key")), str(one.get("operator")), texts)
        else:
            yield LabelRule("", "Any")
    if term.get("matchFields"):
        yield LabelRule("", "Any")


def _toleration(one: dict[str, Any]) -> TolerationRule:
    fields = [str(one.get(key) or "") for key in ("key", "operator", "value", "effect")]
    return TolerationRule(fields[0], fields[1] or _EQUAL, fields[2], fields[3])


def _beyond(spec: dict[str, Any]) -> Iterator[str]:
    """Yield the rules of a pod that the plan does not know."""
    affinity = to_map(spec.get("affinity"))
    for key, name in (("podAffinity", "affinity to pods"), ("podAntiAffinity", "anti-affinity to pods")):
        if to_map(affinity.get(key)).get("requiredDuringSchedulingIgnoredDuringExecution"):
            yield f"required {name}"
    for one in _mappings(spec.get("topologySpreadConstraints")):
        if one.get("whenUnsatisfiable", "DoNotSchedule") == "DoNotSchedule":
            yield "a required spread over nodes or zones"
    named = _HOSTNAME in to_map(spec.get("nodeSelector")) or any(
        rule.operator == "Any" for term in _terms(spec) for rule in _expressions(term)
    )
    if named or spec.get("nodeName"):
        yield "a node by its name"
    if spec.get("resourceClaims"):
        yield "claims of devices"
    containers = (*_mappings(spec.get("initContainers")), *_mappings(spec.get("containers")))
    if spec.get("hostNetwork") or any(
        "hostPort" in port for container in containers for port in _mappings(container.get("ports"))
    ):
        yield "ports of the node"


def _whole(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_CEILING))


def _words(value: object) -> tuple[str, ...]:
    return tuple(word.strip() for word in str(value or "").split(",") if word.strip())


def _mappings(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
