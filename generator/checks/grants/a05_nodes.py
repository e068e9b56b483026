"""A05: pods may require labels of nodes, and tolerate taints, that their project is granted.

Nodes are labelled and tainted to keep them for somebody. What the GPU backend, the node profile and the defaults of the
platform file add is always granted, as are the labels of zones, regions, processors and machine types.

Passes, with the grant `vision: {node_selectors: [pool=vision]}`:

    node_selector: {pool: vision}

Fails, with the same grant:

    node_selector: {pool: speech}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.grants.need import Need
from generator.checks.grants.project_object import WORKLOADS, to_list, to_map
from generator.fleet.grants import is_platforms, platform_items
from generator.render.views import pod

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
    yield from _taints(subject)


def _labels(subject: ProjectObject) -> Iterator[Need]:
    for key, value in to_map(subject.pod.get("nodeSelector")).items():
        label = f"{key}={value}"
        common = any(subject.rights.matches(pattern, label) for pattern in _COMMON)
        if common or subject.rights.allows("node_selectors", label) or _is_given(subject, key, value):
            continue
        path = (*subject.pod_path, "nodeSelector", key)
        yield Need("node_selectors", label, f"the node selector {key}: {value}", "remove it", path)


def _is_given(subject: ProjectObject, key: str, value: object) -> bool:
    own = subject.instance.settings.node_selector or {}
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
    given += map(pod.toleration_fields, platform_items(subject.instance, "tolerations"))
    return frozenset(map(_text, given))


def _text(toleration: Mapping[str, Any]) -> str:
    """Return a toleration as `kubectl taint` writes a taint, with `*` for what it leaves open."""
    key, effect = toleration.get("key") or "*", toleration.get("effect") or "*"
    if toleration.get("operator", "Equal") == "Exists":
        return f"{key}:{effect}"
    return f"{key}={toleration.get('value', '')}:{effect}"
