"""H01: a host belongs to one app and one environment of a cluster.

Services that share a host are taken over together, so they are one unit of delivery: an app. Two environments of one
cluster meet at the same gateways. The same holds for services that share a host by different paths: their rules have an
order, so they are one object. Hosts are compared as requests name them: lower case, without a final dot, with the
environment's prefix.

Passes:

    # services/vision/detector/detector-1.yaml and services/vision/detector/detector-2.yaml
    host: detector.example.com

Fails:

    # services/vision/detector/detector-1.yaml and services/vision/other/detector-2.yaml
    host: detector.example.com
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.routing import host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "H01"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each rival in another app, and each host with owners in two environments of a cluster."""
    owners: dict[tuple[str, str], ServiceInstance] = {}
    for entries in context.routing.claims.values():
        hosts: dict[str, list[ServiceInstance]] = {}
        for claims in entries:
            hosts.setdefault(claims.host, []).extend(claims.services)
        for claimants in hosts.values():
            yield from _apart(claimants)
    for owner in context.routing.owners():
        other = owners.setdefault((owner.environment.cluster, host(owner)), owner)
        if other.environment.name != owner.environment.name:
            yield _taken(owner, other)


def _apart(claimants: list[ServiceInstance]) -> Iterator[Finding]:
    first = claimants[0]
    for claimant in claimants[1:]:
        if (claimant.service.project, claimant.service.app) != (first.service.project, first.service.app):
            name, other = _names(claimant, first)
            message = f"{name} has the same host as {other}, which is in another app"
            hint = _apart_hint(claimant, first)
            where = (claimant.environment.name,)
            also = (first.position("host"),)
            yield Finding(ID, message, claimant.position("host"), hint, also=also, environments=where, cause=message)


def _names(claimant: ServiceInstance, newest: ServiceInstance) -> tuple[str, str]:
    """Return the names of two services, with project and app if they are the same."""
    if claimant.service.name != newest.service.name:
        return claimant.service.name, newest.service.name
    return "/".join(claimant.service.key), "/".join(newest.service.key)


def _apart_hint(claimant: ServiceInstance, newest: ServiceInstance) -> str:
    """Return a hint that moves no host away from a service that has it already, unless the user wants that."""
    name, service = _names(claimant, newest)[1], claimant.service
    if newest.released is None:
        return "give the one that is new another `host`"
    hint = f"give {name}, which was released last, another `host`"
    if service.project != newest.service.project:
        return hint
    return f"{hint}; or move it to services/{service.project}/{service.app}/ if it should take the host over"


def _taken(owner: ServiceInstance, other: ServiceInstance) -> Finding:
    message = (
        f"{owner.service.name} in {owner.environment.name} and {other.service.name} in {other.environment.name} "
        f"claim the host {host(owner)} on the cluster {owner.environment.cluster}"
    )
    hint = (
        "give the service that is new another `host` in its environment; or the environment another `prefix`, which "
        "changes the hosts of all its services"
    )
    return Finding(ID, message, owner.in_environment(), hint, also=(other.in_environment(),))
