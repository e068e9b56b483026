"""A09: labels and annotations with a prefix need a grant, and some can be granted to no project.

Controllers obey labels and annotations: a proxy with other rights, a cloud role, an object that is never deleted, or
a pod that gets the configuration of a gateway. The prefixes of Kubernetes, Istio, Argo CD, Flux and kustomize are
reserved for what the platform's own templates write. Names without a prefix are free, apart from those that select the
pods of a gateway.

Passes:

    labels: {team: vision}

Fails:

    annotations: {argocd.argoproj.io/sync-options: Prune=false}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.grants.need import Need
from generator.checks.grants.project_object import PATCHED
from generator.core.loose_values import to_map
from generator.fleet.grants import is_platforms
from generator.render.pod_templates import GROUP_KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.grants.project_object import ProjectObject
    from generator.render.engine.shapes import SlotPath

ID: Final = "A09"
KINDS: Final = PATCHED
# Domains whose prefixes, and those of all domains below, the controllers of the delivery and of the cluster obey.
_RESERVED: Final = ("argoproj.io", "fluxcd.io", "istio.io", "k8s.io", "kubernetes.io")
# The prefix of what servegen writes itself.
_OWN: Final = "servegen"
# Names of reserved domains that only describe, or that concern only the pod itself. Kubernetes documentation,
# Well-Known Labels, Annotations and Taints; the AppArmor profile is judged by the Pod Security Standards.
_FREE: Final = (
    "cluster-autoscaler.kubernetes.io/safe-to-evict",
    "container.apparmor.security.beta.kubernetes.io/*",
    "kubernetes.io/change-cause",
    "kubernetes.io/description",
    "prometheus.io/*",
)
# Istio's gateways and its injector select pods by these.
_SELECTING: Final = frozenset({"istio", "istio-injection", "istio.io/rev", "sidecar"})


def needs(subject: ProjectObject) -> Iterator[Need]:
    """Yield the names that the project's files or its patches set and that are not granted."""
    found: dict[tuple[str, str], SlotPath] = {}
    if subject.tree["kind"] in ("Deployment", GROUP_KIND):
        for key in ("labels", "annotations"):
            for name in getattr(subject.instance.settings, key) or {}:
                if not is_platforms(subject.instance, key, name):
                    found[key, name] = ("metadata", key, name)
    for path in subject.patched:
        found |= {(key, name): place for key, name, place in _patched(subject, path)}
    for (key, name), place in found.items():
        if (need := _need(subject, key, name, place)) is not None:
            yield need


def _patched(subject: ProjectObject, path: SlotPath) -> Iterator[tuple[str, str, SlotPath]]:
    """Yield the labels and annotations that a change sets, of the object or of its pods."""
    for key in ("labels", "annotations"):
        if "metadata" in path and key in path:
            at = path.index(key) + 1
            names = path[at : at + 1] or tuple(_mapping_at(subject, path[:at]))
            yield from ((key, str(name), (*path[:at], name)) for name in names)


def _mapping_at(subject: ProjectObject, path: SlotPath) -> list[str]:
    node: object = subject.tree
    for step in path:
        node = to_map(node).get(str(step))
    return list(to_map(node))


def _need(subject: ProjectObject, key: str, name: str, path: SlotPath) -> Need | None:
    word = {"labels": "label", "annotations": "annotation"}[key]
    prefix, slash, _ = name.rpartition("/")
    if any(subject.rights.matches(pattern, name) for pattern in _FREE):
        return None
    if _is_reserved(prefix) or (key == "labels" and _selects(subject, name)):
        return Need("", "", f"the {word} {name}", "remove it", path)
    if not slash or subject.rights.allows(key, name):
        return None
    return Need(key, f"{prefix}/*", f"the {word} {name}", "remove it", path)


def _is_reserved(prefix: str) -> bool:
    return prefix == _OWN or any(f".{prefix}".endswith(f".{domain}") for domain in _RESERVED)


def _selects(subject: ProjectObject, name: str) -> bool:
    """Whether gateways select their pods by a label of this name."""
    clusters = subject.book.fleet.platform.clusters.values()
    selectors = (gateway.selector for cluster in clusters for gateway in cluster.gateways.values())
    return name in _SELECTING or any(name in selector for selector in selectors)
