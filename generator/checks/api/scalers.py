"""What does not go together in an autoscaler.

Source: ValidateHorizontalPodAutoscaler in pkg/apis/autoscaling/validation, in Kubernetes 1.36 and 1.37; for the kind
ScaledObject, which KEDA's admission webhook judges beside its schema, apis/keda/v1alpha1 of KEDA 2.20.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.api.names import find_repetitions
from generator.checks.api.refusal import Refusal, show
from generator.checks.api.rules import BOUND, ONE_OF
from generator.core.loose_values import to_list, to_map
from generator.fleet.autoscaling import ZERO_SINCE
from generator.spec.values.quantity import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.render.engine.shapes import SlotPath, Tree

_LEAST: Final[SlotPath] = ("spec", "minReplicas")
_MOST: Final[SlotPath] = ("spec", "maxReplicas")
# KEDA's webhook, which most clusters have; without it, its operator does not act on the object.
_KEDA: Final = "KEDA would refuse this object"
_RESOURCES: Final = ("cpu", "memory")
_UNCACHED: Final = (*_RESOURCES, "cron")


def refused_autoscaler(tree: Tree, minor: int) -> Iterator[Refusal]:
    """Yield what an API server of Kubernetes 1.<minor> refuses in a HorizontalPodAutoscaler."""
    spec = to_map(tree.get("spec"))
    least, most = spec.get("minReplicas", 1), spec.get("maxReplicas")
    if least == 0:
        yield from _refused_zero(spec, minor)
    if isinstance(least, int) and isinstance(most, int) and 1 <= most < least:
        expected = f"at most maxReplicas, {most}"
        hint = f"write at most {most}, or a larger maxReplicas"
        yield Refusal(BOUND, _LEAST, str(least), expected, hint, (_LEAST, _MOST))
    for index, metric in enumerate(to_list(spec.get("metrics"))):
        for name, source in to_map(metric).items():
            target = to_map(to_map(source).get("target"))
            for key in ("value", "averageValue"):
                given = amount(target[key]) if key in target else None
                if given is not None and given <= 0:
                    path: SlotPath = ("spec", "metrics", index, name, "target", key)
                    yield Refusal(BOUND, path, show(target[key]), "more than 0", "write more than 0")


def _refused_zero(spec: dict[str, Any], minor: int) -> Iterator[Refusal]:
    if (1, minor) < ZERO_SINCE:
        yield Refusal(BOUND, _LEAST, "0", "1 or more before Kubernetes 1.37", "write 1 or more")
    elif not any(to_map(metric).get("type") in ("External", "Object") for metric in to_list(spec.get("metrics"))):
        expected = "1 or more without a metric of kind External or Object"
        yield Refusal(BOUND, _LEAST, "0", expected, "write 1 or more", (_LEAST, ("spec", "metrics")))


def refused_scaled_object(tree: Tree) -> Iterator[Refusal]:
    """Yield what KEDA refuses in a ScaledObject."""
    spec = to_map(tree.get("spec"))
    triggers = [to_map(one) for one in to_list(spec.get("triggers"))]
    yield from _refused_idle(spec)
    yield from _refused_fallback(spec, triggers)
    yield from _refused_triggers(triggers)
    resources = [one.get("type") in _RESOURCES for one in triggers]
    if resources and all(resources) and not spec.get("minReplicaCount"):
        path: SlotPath = ("spec", "minReplicaCount")
        expected = "1 or more with no triggers but cpu and memory: while no pod runs, it uses neither"
        yield Refusal(BOUND, path, "0", expected, "write 1 or more", (path, ("spec", "triggers")), _KEDA)


def _refused_idle(spec: dict[str, Any]) -> Iterator[Refusal]:
    # A minimum of 0 that is written counts as 1, as for the autoscaler that KEDA makes.
    written, idle = spec.get("minReplicaCount"), spec.get("idleReplicaCount")
    least = max(written, 1) if isinstance(written, int) else 0
    if isinstance(idle, int) and idle >= least:
        path: SlotPath = ("spec", "idleReplicaCount")
        also = (path, ("spec", "minReplicaCount"))
        yield Refusal(BOUND, path, str(idle), f"less than minReplicaCount, {least}", "remove it", also, _KEDA)


def _refused_fallback(spec: dict[str, Any], triggers: list[dict[str, Any]]) -> Iterator[Refusal]:
    if "fallback" not in spec:
        return
    where: SlotPath = ("spec", "fallback")
    modified = to_map(to_map(spec.get("advanced")).get("scalingModifiers"))
    if not modified and triggers and all(one.get("type") in _RESOURCES for one in triggers):
        expected = "a trigger that is not cpu or memory beside it"
        also = (where, ("spec", "triggers"))
        yield Refusal(ONE_OF, where, "only cpu and memory", expected, "remove it", also, _KEDA)


def _refused_triggers(triggers: list[dict[str, Any]]) -> Iterator[Refusal]:
    where: SlotPath = ("spec", "triggers")
    yield from (refusal.by(_KEDA) for refusal in find_repetitions(triggers, where, ("name", None)))
    for index, trigger in enumerate(triggers):
        if trigger.get("useCachedMetrics") is True and trigger.get("type") in _UNCACHED:
            path: SlotPath = (*where, index, "useCachedMetrics")
            expected = f"no such field for a trigger of type {trigger['type']}"
            yield Refusal(ONE_OF, path, "true", expected, "remove it", outcome=_KEDA)
