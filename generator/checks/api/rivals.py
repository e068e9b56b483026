"""Autoscalers with one target.

Source: Kubernetes documentation, Horizontal Pod Autoscaling; KEDA's admission webhook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.api.refusal import Refusal, show
from generator.core.loose_values import to_list, to_map
from generator.render.views.scaling import AUTOSCALED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.render.engine.shapes import Tree

ID: Final = "S26"
FIXED_NUMBER: Final = "S31"
_VERTICAL: Final = "VerticalPodAutoscaler"
_TARGETS: Final[Mapping[str, str]] = {
    "HorizontalPodAutoscaler": "scaleTargetRef",
    "ScaledObject": "scaleTargetRef",
    _VERTICAL: "targetRef",
}
_NOTHING: Final = ("", "")
_PASSIVE: Final = ("Off", "Initial")
_RESOURCES: Final = ("cpu", "memory")


def is_autoscaler(tree: Tree) -> bool:
    """Return whether an object changes the number or the size of pods."""
    return tree["kind"] in _TARGETS


def find_rivals(tree: Tree, autoscalers: Iterable[Tree]) -> Iterator[Refusal]:
    """Yield a refusal for each autoscaler before this one that has the same target and works against it."""
    if not is_autoscaler(tree):
        return
    for other in autoscalers:
        if other is tree:
            return
        if _target(other) == _target(tree) != _NOTHING and _are_rivals(other, tree):
            kind, name = _target(tree)
            found = f"{kind} {name}, which the {other['kind']} {other['metadata']['name']} scales too"
            key = _TARGETS[tree["kind"]]
            hint = "remove one of the two"
            outcome = "the two autoscalers would undo each other's work"
            yield Refusal(ID, ("spec", key), found, "one autoscaler for each workload", hint, outcome=outcome)


def find_fixed_number(tree: Tree, autoscalers: Iterable[Tree]) -> Iterator[Refusal]:
    """Yield a refusal if a workload has a number of replicas beside an autoscaler that sets it.

    The annotations AUTOSCALED say that a delivery tool ignores the number.
    """
    number, metadata = to_map(tree.get("spec")).get("replicas"), tree["metadata"]
    if number is None or AUTOSCALED.items() <= to_map(metadata.get("annotations")).items():
        return
    me = (tree["kind"], metadata["name"])
    for other in autoscalers:
        if other["kind"] != _VERTICAL and _target(other) == me:
            expected = f"no number beside the {other['kind']} {other['metadata']['name']}"
            hint = "leave it out of the template, or write a patch with `replicas: null`"
            outcome = "each sync would take back what the autoscaler has set"
            yield Refusal(FIXED_NUMBER, ("spec", "replicas"), show(number), expected, hint, outcome=outcome)


def _target(tree: Tree) -> tuple[Any, Any]:
    reference = to_map(to_map(tree.get("spec")).get(_TARGETS[tree["kind"]]))
    return (reference.get("kind", "Deployment"), reference["name"]) if reference.get("name") else _NOTHING


def _are_rivals(one: Tree, other: Tree) -> bool:
    vertical = [tree for tree in (one, other) if tree["kind"] == _VERTICAL]
    if not vertical:
        return True
    policy = to_map(to_map(vertical[0].get("spec")).get("updatePolicy"))
    counts = any(_counts_resources(tree) for tree in (one, other) if tree["kind"] != _VERTICAL)
    return len(vertical) == 1 and counts and policy.get("updateMode") not in _PASSIVE


def _counts_resources(tree: Tree) -> bool:
    """Return whether an autoscaler has targets relative to the requests; one without metrics has 80 % of cpu."""
    spec = to_map(tree.get("spec"))
    if tree["kind"] == "ScaledObject":
        return any(to_map(trigger).get("type") in _RESOURCES for trigger in to_list(spec.get("triggers")))
    metrics = to_list(spec.get("metrics"))
    return not metrics or any(to_map(metric).get("type") in ("Resource", "ContainerResource") for metric in metrics)
