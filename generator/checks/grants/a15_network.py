"""A15: pods may reach addresses outside the cluster, and have an open network, only as their project is granted.

A NetworkPolicy keeps a pod that was taken over from sending its data away, and others from reaching it. `network: open`
needs the grant `network: open`, and addresses in `egress` the grant `egress`: a network includes those in it. Services
of the cluster, with their namespaces, need no grant, nor does the address from which a model is fetched. Where a
cluster has no policies, there is nothing to grant.

Passes, with the grant `vision: {egress: ["10.0.0.0/8:5432"]}`:

    egress: redis.cache:6379,10.20.0.0/16:5432

Fails, with the same grant:

    egress: "*:443"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.grants.need import Need
from generator.checks.grants.project_object import WORKLOADS
from generator.core.loose_values import to_list, to_map
from generator.fleet.grants import is_platforms
from generator.render.egress_rules import egress_rules, has_policy, limits_egress
from generator.spec.values.egress_grant import format_address, includes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.grants.project_object import ProjectObject

ID: Final = "A15"
KINDS: Final = WORKLOADS | {"NetworkPolicy"}
_HINT: Final = "name a service of the cluster, such as redis.cache:6379"


def needs(subject: ProjectObject) -> Iterator[Need]:
    """Yield the open network, or the addresses, that are not granted."""
    instance, grant = subject.instance, subject.rights.grant
    if grant.network == "open":
        return
    if subject.tree["kind"] != "NetworkPolicy":
        if instance.settings.network == "open" and not is_platforms(instance, "network") and has_policy(instance):
            yield Need("network", "open", "an open network", "remove `network`", setting=("network",))
        return
    if subject.patched or (instance.settings.egress and not is_platforms(instance, "egress")):
        yield from _of_policy(subject)


def _of_policy(subject: ProjectObject) -> Iterator[Need]:
    """Yield what the policy of a project's own addresses or patches opens."""
    instance, spec = subject.instance, to_map(subject.tree.get("spec"))
    if limits_egress(instance) and "Egress" not in to_list(spec.get("policyTypes")):
        yield Need("network", "open", "no limit of what the pods reach", "remove the patch", ("spec", "policyTypes"))
    for path in subject.patched:
        if path[:2] == ("spec", "podSelector"):
            yield Need("network", "open", "a policy for other pods", "remove the patch", path)
    given = egress_rules(instance, with_setting=is_platforms(instance, "egress"))
    for index, rule in enumerate(to_list(spec.get("egress"))):
        if rule not in given:
            yield from _of_rule(subject, index, to_map(rule))


def _of_rule(subject: ProjectObject, index: int, rule: Mapping[str, Any]) -> Iterator[Need]:
    granted = subject.rights.grant.egress or ()
    for address in _addresses(rule):
        if not any(includes(one, address) for one in granted):
            setting = ("egress",) if subject.instance.settings.egress else ()
            yield Need("egress", address, f"egress to {address}", _HINT, ("spec", "egress", index), setting)


def _addresses(rule: Mapping[str, Any]) -> Iterator[str]:
    """Yield the addresses outside the cluster of a rule, each with a port. A rule without peers is for all of them."""
    peers = [to_map(peer) for peer in to_list(rule.get("to"))]
    blocks = [str(to_map(peer["ipBlock"]).get("cidr")) for peer in peers if "ipBlock" in peer]
    ports = [to_map(port) for port in to_list(rule.get("ports"))] or [{}]
    for block in blocks if peers else [None]:
        for port in ports:
            first, last = str(port.get("port", "*")), port.get("endPort")
            yield format_address(block, f"{first}-{last}" if last else first, str(port.get("protocol", "TCP")))
