"""S44: a spread constraint should count the pods of its workload.

The scheduler counts the pods that `labelSelector` selects. If it does not select the pod itself, or is missing, the pod
can be placed anywhere: the constraint has no effect on it.

Source: Kubernetes documentation, Pod Topology Spread Constraints, and the plugin PodTopologySpread of the scheduler, in
which a missing selector selects nothing.

Passes, for m-1:

    topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: example.com/rack
        whenUnsatisfiable: DoNotSchedule
        labelSelector: {matchLabels: {app: m-1}}

Fails:

    topologySpreadConstraints:
      - {maxSkew: 1, topologyKey: example.com/rack, whenUnsatisfiable: DoNotSchedule}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.api.metadata import selects
from generator.checks.objects.violation import Violation
from generator.core.finding import Severity
from generator.core.loose_values import to_list, to_map
from generator.render.pod_templates import pod_templates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext

ID: Final = "S44"
KINDS: Final = frozenset({"Deployment", "StatefulSet"})
_KEY: Final = "topologySpreadConstraints"


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield a warning for each constraint that does not count the pods that it is written for."""
    own = to_map(to_map(to_map(tree.get("spec")).get("selector")).get("matchLabels"))
    shown = ", ".join(f"{name}: {value}" for name, value in own.items())
    for path, template in pod_templates(tree):
        labels = to_map(template.get("metadata")).get("labels")
        for index, constraint in enumerate(to_list(to_map(template.get("spec")).get(_KEY))):
            selector = to_map(constraint).get("labelSelector")
            if selector is None or not selects(selector, labels):
                key = to_map(constraint).get("topologyKey")
                message = f"the constraint does not spread the pods over {key}: its selector leaves them out"
                hint = f"write labelSelector: {{matchLabels: {{{shown}}}}}"
                yield Violation(message, hint, (*path, "spec", _KEY, index), Severity.WARNING)
