"""D02: an Argo CD that serves two clusters needs a destination for each of them.

Its default destination is the cluster that it runs in. Two clusters with one destination would both be delivered to the
same API server, with only the namespaces different. If each cluster has its own Argo CD, each cluster sets the default
destination explicitly.

Passes:

    clusters:
      near: {delivery: {destination: https://kubernetes.default.svc}, …}
      far: {delivery: {destination: far}, …}

Fails:

    clusters:
      near: {…}
      far: {…}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.spec.platform import delivery_of
from generator.spec.values.api_server import OWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.fleet.model import Fleet

ID: Final = "D02"
SEVERITY: Final = Severity.ERROR
# Argo CD's name for the cluster that it runs in.
_OWN_NAME: Final = "in-cluster"


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each cluster that has the destination of an earlier cluster."""
    fleet = context.fleet
    first: dict[str, str] = {}
    for cluster in fleet.platform.clusters:
        delivery = delivery_of(fleet.platform, cluster)
        if delivery.tool != "argocd":
            continue
        given = delivery.destination or OWN
        destination = OWN if given == _OWN_NAME else given
        other = first.setdefault(destination, cluster)
        if other != cluster and not (destination == OWN and _says(fleet, cluster)):
            message = f"{cluster} and {other} have the same destination: {destination}"
            hint = (
                f"add `delivery: {{destination: …}}` to the cluster {cluster}, with its name in Argo CD, "
                f"or with {OWN} if it runs its own Argo CD"
            )
            yield Finding(ID, message, _place(fleet, cluster), hint, also=(_place(fleet, other),))


def _says(fleet: Fleet, cluster: str) -> bool:
    """Return whether the cluster's own stanza has a destination."""
    own = fleet.platform.clusters[cluster].delivery
    return own is not None and own.destination is not None


def _place(fleet: Fleet, cluster: str) -> Position:
    if _says(fleet, cluster):
        return fleet.platform_position("clusters", cluster, "delivery", "destination")
    return fleet.platform_position("clusters", cluster)
