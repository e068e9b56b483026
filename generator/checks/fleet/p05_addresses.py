"""P05: an external address must be one that the cluster declares, and reachable from outside.

`externalIPs` of Services is deprecated from Kubernetes 1.36 on and planned to be off from 1.40 on (KEP-5707). Until
then anyone who may write Services can redirect the traffic of any address (CVE-2020-8554), so only declared addresses
are accepted.

Passes:

    external: {mode: nodePort, addresses: [10.0.0.7|203.0.113.7]}

Fails, because nothing comes to a link-local address from outside:

    external: {mode: externalIPs, addresses: [169.254.1.1]}
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.external import external
from generator.spec.values.text import list_few

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import Fleet, ServiceInstance
    from generator.spec.external import ExternalFacts

ID: Final = "P05"
SEVERITY: Final = Severity.ERROR
_DEPRECATED: Final = (1, 36)
_OFF: Final = (1, 40)


def check(context: CheckContext) -> Iterator[Finding]:
    """Check the mode and the addresses of each cluster, and the addresses that specs choose from them."""
    for name, cluster in context.fleet.platform.clusters.items():
        if cluster.external.mode == "externalIPs":
            yield from _external_ips(context.fleet, name, cluster.kubernetes, cluster.external)
        if cluster.external.mode != "none":
            yield from _addresses(context.fleet, name, cluster.external)
    for instance in context.instances:
        if external(instance) is not None:
            yield from _chosen(context.fleet, instance)


def _external_ips(fleet: Fleet, cluster: str, kubernetes: str, facts: ExternalFacts) -> Iterator[Finding]:
    position = fleet.platform_position("clusters", cluster, "external", "mode")
    major, minor = map(int, kubernetes.split("."))
    if (major, minor) >= _DEPRECATED:
        off = (major, minor) >= _OFF
        verb = "does not support" if off else "deprecates"
        message = f"the cluster {cluster} has Kubernetes {kubernetes}, which {verb} externalIPs"
        yield Finding(
            ID, message, position, "use nodePort or loadBalancer", severity=Severity.ERROR if off else Severity.WARNING
        )
    if not facts.addresses:
        message = f"the mode externalIPs of the cluster {cluster} has no addresses"
        yield Finding(ID, message, position, "list the nodes' addresses under `external.addresses`, or use nodePort")


def _addresses(fleet: Fleet, cluster: str, facts: ExternalFacts) -> Iterator[Finding]:
    for index, address in enumerate(facts.addresses):
        reason = _reason(address.private, facts)
        if reason is not None:
            position = fleet.platform_position("clusters", cluster, "external", "addresses", index)
            hint = "write an address of a node or load balancer that clients can reach"
            yield Finding(ID, f"the external address {address.private} is {reason}", position, hint)


def _reason(address: str, facts: ExternalFacts) -> str | None:
    """Return why the address is not reachable from outside, or None."""
    ip = ip_address(address)
    kinds = {"unspecified": ip.is_unspecified, "loopback": ip.is_loopback, "link-local": ip.is_link_local}
    for kind, holds in {**kinds, "multicast": ip.is_multicast}.items():
        # A node port of a cluster on a laptop is reached at 127.0.0.1.
        if holds and not (kind == "loopback" and facts.mode == "nodePort"):
            return f"a {kind} address" if kind != "unspecified" else "the unspecified address"
    for networks, whose in ((facts.pod_cidr, "pods"), (facts.service_cidr, "Services")):
        for network in networks:
            if ip in ip_network(network):
                return f"in the network {network} of {whose}"
    return None


def _chosen(fleet: Fleet, instance: ServiceInstance) -> Iterator[Finding]:
    cluster, facts = instance.environment.cluster, instance.environment.facts.external
    known = [address.private for address in facts.addresses]
    if instance.settings.external_addresses == () and facts.mode == "externalIPs":
        message = f"{instance.service.name} has an id, but no address on the cluster {cluster}"
        yield Finding(ID, message, instance.position("external_addresses"), f"use one of {list_few(known)}")
    for address in instance.settings.external_addresses or ():
        if address.private not in known:
            message = f"the cluster {cluster} does not declare the external address {address.private}"
            hint = f"it has {list_few(known)}" if known else f"add it to `external.addresses` of {cluster}"
            also = (fleet.platform_position("clusters", cluster, "external", "addresses"),)
            yield Finding(ID, message, instance.position("external_addresses"), hint, also=also)
