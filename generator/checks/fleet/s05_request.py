"""S05: an autoscaler that adds replicas by cpu or memory needs a request for it.

The percentages of `hpa` are relative to what the container requests. Without a request, the autoscaler cannot compute
them and changes nothing (Kubernetes documentation, Horizontal Pod Autoscaling).

Passes:

    hpa: mem:60%
    resources: {memory: 4G}

Fails:

    hpa: mem:60%
    resources: {memory: null}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.autoscaling import RESOURCE_METRICS, has_autoscaler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "S05"
SEVERITY: Final = Severity.ERROR
_EXAMPLES: Final = {"cpu": "2", "memory": "4G"}


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each metric of an autoscaler whose resource the service does not request."""
    for instance in context.instances:
        if has_autoscaler(instance):
            for target in instance.settings.hpa or ():
                if (
                    target.metric in RESOURCE_METRICS
                    and getattr(instance.settings.resources, target.metric, None) is None
                ):
                    yield _finding(instance, target.metric)


def _finding(instance: ServiceInstance, metric: str) -> Finding:
    message = f"`hpa` names {metric}, but the service requests none, so that the autoscaler changes nothing"
    hint = f"add for example resources: {{{metric}: {_EXAMPLES[metric]}}}, or remove {metric} from `hpa`"
    also = (instance.position("resources", metric),)
    environments = (instance.environment.name,)
    return Finding(ID, message, instance.position("hpa"), hint, also=also, environments=environments)
