"""S40: an autoscaler should be able to add replicas.

`selectPolicy: Disabled` for scaleUp keeps an autoscaler from ever adding a replica: it only removes them.

Passes:

    behavior: {scaleDown: {selectPolicy: Disabled}}

Fails:

    behavior: {scaleUp: {selectPolicy: Disabled}}

Source: Kubernetes documentation, Horizontal Pod Autoscaling, Disable scale down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.violation import Violation
from generator.core.finding import Severity
from generator.core.loose_values import to_map

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext

ID: Final = "S40"
# Where the behaviour is, by kind.
_BEHAVIOR: Final = {
    "HorizontalPodAutoscaler": ("spec", "behavior"),
    "ScaledObject": ("spec", "advanced", "horizontalPodAutoscalerConfig", "behavior"),
}
KINDS: Final = frozenset(_BEHAVIOR)


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield a warning for an autoscaler that never adds a replica."""
    path = (*_BEHAVIOR[tree["kind"]], "scaleUp", "selectPolicy")
    node: Any = tree
    for step in path:
        node = to_map(node).get(step)
    if node == "Disabled":
        message, hint = "it never adds a replica, whatever the load", "remove it, or write a policy for scaleUp"
        yield Violation(message, hint, path, Severity.WARNING)
