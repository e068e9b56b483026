"""D01: Argo CD has to be told where the repository is.

Without an address nothing is rendered for Argo CD. It takes every form that git does.

Passes:

    delivery: {tool: argocd, repository: git@git.example.com:team/models.git}

Fails:

    delivery: {tool: argocd}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.delivered import delivery_position
from generator.checks.found import CheckFinding
from generator.core.finding import Severity
from generator.spec.delivery import delivery_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.found import CheckContext

ID: Final = "D01"
SEVERITY: Final = Severity.ERROR


def check(review: CheckContext) -> Iterator[CheckFinding]:
    """Clusters of Argo CD without an address."""
    for cluster in review.fleet.platform.clusters:
        delivery = delivery_of(review.fleet.platform, cluster)
        if delivery.tool == "argocd" and delivery.repository is None:
            message = f"Argo CD delivers to {cluster}, but `delivery` has no `repository`"
            hint = "write repository: and the address of this repository"
            yield CheckFinding(message, delivery_position(review.fleet, cluster, "tool"), hint)
