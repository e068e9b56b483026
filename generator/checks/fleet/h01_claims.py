"""H01: a host belongs to one app and one environment of a cluster.

Services that share a host are taken over together, so they are one unit of delivery: an app. Two environments of one
cluster meet at the same gateways. Hosts are compared as requests name them: lower case, without a final dot, with the
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

from generator.checks.found import Found
from generator.core.finding import Severity
from generator.fleet.routing import host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.found import Review
    from generator.fleet.model import Deployed
    from generator.fleet.routing import Rivals

ID: Final = "H01"
SEVERITY: Final = Severity.ERROR


def check(review: Review) -> Iterator[Found]:
    """Rivals of different apps, and owners of one host in two environments of one cluster."""
    owners: dict[tuple[str, str], Deployed] = {}
    for entries in review.traffic.rivals.values():
        for rivals in entries:
            yield from _apart(rivals)
    for owner in review.traffic.owners():
        other = owners.setdefault((owner.place.cluster, host(owner)), owner)
        if other is not owner:
            yield _taken(owner, other)


def _apart(rivals: Rivals) -> Iterator[Found]:
    first = rivals.services[0]
    for rival in rivals.services[1:]:
        if (rival.service.project, rival.service.app) != (first.service.project, first.service.app):
            message = f"{rival.service.name} names the host of {first.service.name}, which is in another app"
            hint = "services that share a host are taken over together: move both into one app's folder"
            yield Found(message, rival.position("host"), hint, (first.position("host"),))


def _taken(owner: Deployed, other: Deployed) -> Found:
    message = (
        f"{owner.service.name} in {owner.place.name} and {other.service.name} in {other.place.name} "
        f"claim the host {host(owner)} on the cluster {owner.place.cluster}"
    )
    hint = "give one environment another `prefix`, or one service another host"
    return Found(message, owner.in_environment(), hint, (other.in_environment(),))
