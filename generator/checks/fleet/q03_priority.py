"""Q03: a service's priority is one that its cluster has.

The API server takes a Deployment whose PriorityClass does not exist, and refuses each of its pods. Where the cluster
lists its `priorities`, they and the two of Kubernetes itself are all there are; where it lists none, nobody knows.

Passes:

    # clusters.main in services/platform.yaml
    priorities: {serving-high: {value: 1000}}
    # a service
    priority: serving-high

Fails, with the same clusters.main:

    priority: serving-hihg
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.found import Found
from generator.core.finding import Severity
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.found import Review

ID: Final = "Q03"
SEVERITY: Final = Severity.ERROR
# Kubernetes documentation, Pod Priority and Preemption.
_BUILT_IN: Final = ("system-cluster-critical", "system-node-critical")


def check(review: Review) -> Iterator[Found]:
    """Priorities that the cluster of an environment does not list."""
    for deployed in review.fleet.running():
        known, wanted = deployed.place.facts.priorities, deployed.settings.priority
        if known is not None and wanted is not None and wanted not in (*known, *_BUILT_IN):
            cluster = deployed.place.cluster
            message = f'found the priority "{wanted}", expected one of the cluster {cluster}'
            hint = closest(wanted, known) or f"known there: {', '.join(sorted(known)) or 'none'}"
            also = (review.fleet.platform_position("clusters", cluster, "priorities"),)
            yield Found(message, deployed.position("priority"), hint, also, environments=(deployed.place.name,))
