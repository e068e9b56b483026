"""A04: pods may run as the ServiceAccount of their service, or as one that their project is granted.

A ServiceAccount gives the rights of its roles in the cluster, and of the cloud role that its annotations name.

Passes:

    type: triton-server                      # runs as the ServiceAccount resnet50-1, which has no rights

Fails, without the grant `vision: {service_accounts: [trainer]}`:

    patches:
      - kind: Deployment
        spec: {template: {spec: {serviceAccountName: trainer}}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.grants.need import Need
from generator.checks.grants.project_object import WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.grants.project_object import ProjectObject

ID: Final = "A04"
KINDS: Final = WORKLOADS


def needs(subject: ProjectObject) -> Iterator[Need]:
    """Yield the pod's ServiceAccount if it is not granted."""
    own = subject.instance.service.name
    for key in ("serviceAccountName", "serviceAccount"):
        name = subject.pod.get(key)
        if name and name != own and not subject.rights.allows("service_accounts", name) and not _source(subject, name):
            hint = f"remove it: the pods run as {own}"
            yield Need("service_accounts", name, f"the service account {name}", hint, (*subject.pod_path, key))


def _source(subject: ProjectObject, name: str) -> bool:
    """Whether the platform file names the account for fetching models."""
    return any(source.service_account == name for source in subject.book.fleet.platform.sources.values())
