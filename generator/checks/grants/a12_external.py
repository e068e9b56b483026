"""A12: a service may have an external address only if its project is granted `external_addresses`, as by default.

An external address leads to the pods past the gateway. Addresses of its own choice, and names of other hosts, can be
given to a Service by nobody: that would lead the requests of others somewhere else (CVE-2020-8554).

Passes:

    id: 14

Fails, with the grant `"*": {external_addresses: false}`:

    id: 14
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.grants.need import Need
from generator.core.loose_values import to_map

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.grants.project_object import ProjectObject

ID: Final = "A12"
KINDS: Final = frozenset({"Service"})
_OUTSIDE: Final = ("NodePort", "LoadBalancer")


def needs(subject: ProjectObject) -> Iterator[Need]:
    """Yield a way from outside to a Service that is not granted."""
    spec = to_map(subject.tree.get("spec"))
    if spec.get("type") == "ExternalName" or spec.get("externalName"):
        yield Need("", "", "the type ExternalName", "remove it", ("spec", "type"))
    known = {address.private for address in subject.instance.environment.facts.external.addresses}
    for key in ("externalIPs", "loadBalancerIP"):
        value = spec.get(key)
        for address in value if isinstance(value, list) else [value] if value else []:
            if address not in known:
                found = f"the external address {address}, which the cluster does not declare"
                yield Need("", "", found, "use `id` and `external_addresses`", ("spec", key))
    granted = subject.rights.grant.external_addresses is not False
    if not granted and (spec.get("type") in _OUTSIDE or spec.get("externalIPs")):
        yield Need("external_addresses", "true", "an external address", "remove `id`", setting=("id",))
