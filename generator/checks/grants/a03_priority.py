"""A03: pods may have a PriorityClass that their project is granted; by default one of the cluster's `priorities`.

Pods of a high class are scheduled first, and may evict the pods of others. The classes that Kubernetes has for its own
programs, `system-node-critical` and `system-cluster-critical`, need a grant on each cluster.

Passes:

    # clusters.main in services/platform.yaml         # a service
    priorities: {serving-high: {value: 1000}}         priority: serving-high

Fails, with the same clusters.main:

    priority: system-node-critical
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.grants.need import Need
from generator.checks.grants.project_object import WORKLOADS
from generator.fleet.grants import is_platforms
from generator.spec.values.text import list_few

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.grants.project_object import ProjectObject

ID: Final = "A03"
KINDS: Final = WORKLOADS


def needs(subject: ProjectObject) -> Iterator[Need]:
    """Yield the pod's PriorityClass if it is not granted."""
    name = subject.pod.get("priorityClassName")
    if not name:
        return
    known = tuple(subject.instance.environment.facts.priorities or ())
    if subject.rights.allows("priorities", name, known):
        return
    asked = subject.instance.settings.priority == name
    if asked and (is_platforms(subject.instance, "priority") or _is_unknown(subject, name)):
        return
    hint = f"use one of {list_few(sorted(known))}" if known else "remove `priority`"
    yield Need("priorities", name, f"the priority {name}", hint, (*subject.pod_path, "priorityClassName"))


def _is_unknown(subject: ProjectObject, name: str) -> bool:
    """Whether the cluster has no such class, which Q03 reports."""
    known = subject.instance.environment.facts.priorities
    return known is not None and name not in known and not name.startswith("system-")
