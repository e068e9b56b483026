"""S43: an autoscaler should keep its metrics.

Without `metrics`, the API server gives a HorizontalPodAutoscaler one metric of its own: 80 % of the CPU that the pods
request. The targets of the spec do not count any more.

Passes:

    metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]

Fails:

    metrics: null

Source: Kubernetes API reference, HorizontalPodAutoscalerSpec v2, metrics.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.violation import Violation
from generator.core.finding import Severity
from generator.core.loose_values import to_map

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext

ID: Final = "S43"
KINDS: Final = frozenset({"HorizontalPodAutoscaler"})


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield a warning for an autoscaler without metrics."""
    if not to_map(tree.get("spec")).get("metrics"):
        message = "it has no metrics, so that it aims at 80 % of the requested CPU, whatever `hpa` says"
        hint = "remove the patch of `metrics`, or write `hpa: cpu:80%` if that is meant"
        yield Violation(message, hint, ("spec", "metrics"), Severity.WARNING)
