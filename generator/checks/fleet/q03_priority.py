"""Q03: a service's priority must be one that its cluster has.

The API server accepts a Deployment whose PriorityClass does not exist, and refuses each of its pods. If the cluster
sets `priorities`, only those and the two built-in classes of Kubernetes exist; if it does not, priorities are not
checked.

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

from generator.core.finding import Finding, Severity
from generator.core.fix import fix_of
from generator.spec.values.text import closest, list_few

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "Q03"
SEVERITY: Final = Severity.ERROR
# Kubernetes documentation, Pod Priority and Preemption.
_BUILT_IN: Final = ("system-cluster-critical", "system-node-critical")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each priority that the cluster of an environment does not list."""
    for instance in context.instances:
        known, wanted = instance.environment.facts.priorities, instance.settings.priority
        if known is not None and wanted is not None and wanted not in (*known, *_BUILT_IN):
            cluster = instance.environment.cluster
            message = f'found the priority "{wanted}", expected one of the cluster {cluster}'
            hint = closest(wanted, known) or f"known in this cluster: {list_few(sorted(known))}"
            also = (context.fleet.platform_position("clusters", cluster, "priorities"),)
            yield Finding(
                ID,
                message,
                instance.position("priority"),
                hint,
                also=also,
                environments=(instance.environment.name,),
                fix=fix_of(wanted, hint),
            )
