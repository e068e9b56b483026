"""C18: the cluster's Kubernetes version must be one whose schemas servegen ships.

Without schemas for its version no object can be validated.

Passes:

    kubernetes: "1.36"

Fails:

    kubernetes: "1.20"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.schemas.catalogue import minors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "C18"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each cluster whose Kubernetes version is unknown."""
    known = minors()
    for name, cluster in context.fleet.platform.clusters.items():
        if cluster.kubernetes not in known:
            message = f"found Kubernetes {cluster.kubernetes}, expected a version that this servegen knows"
            position = context.fleet.platform_position("clusters", name, "kubernetes")
            yield Finding(ID, message, position, f"known versions: {', '.join(known)}")
