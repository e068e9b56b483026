"""D01: Argo CD needs the address of the repository.

Without an address nothing is rendered for Argo CD. Argo CD accepts every form of address that git accepts.

Passes:

    delivery: {tool: argocd, repository: git@git.example.com:team/models.git}

Fails:

    delivery: {tool: argocd}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.delivery_position import delivery_position
from generator.core.finding import Finding, Severity
from generator.spec.platform import delivery_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "D01"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each Argo CD cluster without an address."""
    for cluster in context.fleet.platform.clusters:
        delivery = delivery_of(context.fleet.platform, cluster)
        if delivery.tool == "argocd" and delivery.repository is None:
            message = f"Argo CD delivers to {cluster}, but `delivery` has no `repository`"
            hint = "add `repository` to `delivery`, with the address of this repository"
            yield Finding(ID, message, delivery_position(context.fleet, cluster, "tool"), hint)
