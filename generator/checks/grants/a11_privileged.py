"""A11: pods may have rights over their node only if their project is granted `privileged`.

This is what the Pod Security Standard `baseline` forbids, such as privileged containers, the network and the processes
of the node, added capabilities and ports of the node. A namespace that enforces a standard refuses such pods anyway
(Q01); this check is for namespaces that enforce none. Folders of the node are judged by A10.

Passes:

    user: 1000

Fails, without the grant `vision: {privileged: true}`:

    patches:
      - kind: Deployment
        spec: {template: {spec: {hostNetwork: true}}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.grants.need import Need
from generator.checks.grants.project_object import WORKLOADS
from generator.checks.objects.pod_security import forbidden_fields
from generator.core.loose_values import to_list, to_map

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.grants.project_object import ProjectObject
    from generator.render.engine.shapes import SlotPath

ID: Final = "A11"
KINDS: Final = WORKLOADS
_ENFORCING: Final = ("baseline", "restricted")


def needs(subject: ProjectObject) -> Iterator[Need]:
    """Yield what baseline forbids, where no namespace enforces it."""
    environment = subject.instance.environment
    if environment.pod_security in _ENFORCING or subject.rights.grant.privileged:
        return
    minor = int(environment.facts.kubernetes.partition(".")[2])
    for field in forbidden_fields(subject.pod_template, "baseline", minor):
        if not _is_host_path(subject, field.path):
            yield Need("privileged", "true", field.found, field.hint, (*subject.template_path, *field.path))


def _is_host_path(subject: ProjectObject, path: SlotPath) -> bool:
    if path[:2] != ("spec", "volumes") or not isinstance(path[2], int):
        return False
    return "hostPath" in to_map(to_list(subject.pod.get("volumes"))[path[2]])
