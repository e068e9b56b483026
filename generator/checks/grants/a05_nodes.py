"""A05: pods may require labels of nodes, and tolerate taints, that their project is granted.

Nodes are labelled and tainted to keep them for somebody. What the GPU backend, the node profile and the defaults of the
platform file add is always granted, and the pools of the cluster that the project may use (`pool`), as are the labels
of zones, regions, processors, machine types and NVIDIA's cards.

Passes, with the grant `vision: {node_selectors: [pool=vision]}`:

    node_selector: {pool: vision}
    affinity: pool=vision, !spot

Fails, with the same grant:

    node_selector: {pool: speech}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.grants.need import Need
from generator.checks.grants.project_object import WORKLOADS
from generator.core.loose_values import to_list, to_map
from generator.fleet.grants import is_platforms, platform_settings
from generator.fleet.pool_choice import chosen_pool
from generator.render.views import pod
from generator.render.views.affinity import combine, node_expressions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.grants.project_object import ProjectObject

ID: Final = "A05"
KINDS: Final = WORKLOADS
# Kubernetes documentation, Well-Known Labels, Annotations and Taints.
_COMMON: Final = (
    "kubernetes.io/arch=*",
    "kubernetes.io/os=*",
    "node.kubernetes.io/instance-type=*",
    "nvidia.com/gpu.product=*",
    "topology.kubernetes.io/region=*",
    "topology.kubernetes.io/zone=*",
)


def needs(subject: ProjectObject) -> Iterator[Need]:
    """Yield the node, the labels and the taints that are not granted."""
    if name := subject.pod.get("nodeName"):
        label = f"kubernetes.io/hostname={name}"
        if not subject.rights.allows("node_selectors", label):
            path = (*subject.pod_path, "nodeName")
            yield Need("node_selectors", label, f"the node {name}", "remove it", path)
    yield from _labels(subject)
    yield from _expressions(subject)
    yield from _taints(subject)


def _expressions(subject: ProjectObject) -> Iterator[Need]:
    """Yield the labels that the affinity asks for; a node that lacks a label is nobody's."""
    found = node_expressions(subject.pod.get("affinity"))
    given = _given_expressions(subject) if found else []
    for expression in found:
        if expression in given or expression.get("operator") in ("NotIn", "DoesNotExist"):
            continue
        values = to_list(expression.get("values")) if expression.get("operator") == "In" else ["*"]
        for label in (f"{expression.get('key')}={value}" for value in values):
            if not _is_common(subject, label) and not subject.rights.allows("node_selectors", label):
                path = (*subject.pod_path, "affinity", "nodeAffinity")
                what = f"the affinity for nodes with {label}"
                yield Need("node_selectors", label, what, "remove it", path, _setting(subject, expression))


def _setting(subject: ProjectObject, expression: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the key of the spec that asks for an expression; empty for that of a patch."""
    own = subject.instance.settings.affinity or {}
    return next(
        (("affinity", key) for key in own if expression in node_expressions(combine({}, {key: own[key]}, {}))), ()
    )


def _given_expressions(subject: ProjectObject) -> list[dict[str, Any]]:
    own = platform_settings(subject.instance, "affinity").affinity or {}
    return node_expressions(combine(subject.scheduling().affinity, own, {}))


def _is_common(subject: ProjectObject, label: str) -> bool:
    return any(subject.rights.matches(pattern, label) for pattern in _COMMON)


def _labels(subject: ProjectObject) -> Iterator[Need]:
    for key, value in to_map(subject.pod.get("nodeSelector")).items():
        label = f"{key}={value}"
        if (
            _is_common(subject, label)
            or subject.rights.allows("node_selectors", label)
            or _is_given(subject, key, value)
        ):
            continue
        path = (*subject.pod_path, "nodeSelector", key)
        yield Need("node_selectors", label, f"the node selector {key}: {value}", "remove it", path)


def _is_given(subject: ProjectObject, key: str, value: object) -> bool:
    pool, own = chosen_pool(subject.instance), subject.instance.settings.node_selector or {}
    if pool is not None and pool.labels.get(key) == value:
        return True
    if own.get(key) == value:
        return is_platforms(subject.instance, "node_selector", key)
    return subject.scheduling().node_selector.get(key) == value


def _taints(subject: ProjectObject) -> Iterator[Need]:
    found = to_list(subject.pod.get("tolerations"))
    given = _given_taints(subject) if found else frozenset()
    for index, toleration in enumerate(found):
        text = _text(to_map(toleration))
        if text not in given and not subject.rights.allows("tolerations", text):
            path = (*subject.pod_path, "tolerations", index)
            yield Need("tolerations", text, f"the toleration {text}", "remove it", path)


def _given_taints(subject: ProjectObject) -> frozenset[str]:
    given = list(subject.scheduling().tolerations)
    given += map(pod.toleration_fields, platform_settings(subject.instance, "tolerations").tolerations or ())
    pool = chosen_pool(subject.instance)
    given += map(pod.taint_toleration, pool.taints if pool is not None else ())
    return frozenset(map(_text, given))


def _text(toleration: Mapping[str, Any]) -> str:
    """Return a toleration as `kubectl taint` writes a taint, with `*` for what it leaves open."""
    key, effect = toleration.get("key") or "*", toleration.get("effect") or "*"
    if toleration.get("operator", "Equal") == "Exists":
        return f"{key}:{effect}"
    return f"{key}={toleration.get('value', '')}:{effect}"
