"""S13: a patch must not set the number of replicas of a Deployment or LeaderWorkerSet that has an autoscaler.

A delivery tool that ignores the number ignores the patch too, so that it counts at the creation of the Deployment only.
Without such a tool, each `kubectl apply` takes back what the autoscaler has set.

Passes:

    replicas: 4~10
    hpa: cpu:50%

Fails:

    replicas: 2~10
    hpa: cpu:50%
    patches:
      - kind: Deployment
        spec: {replicas: 4}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.patched import apply_patches, below, workload_without_pods
from generator.core.finding import Finding, Severity
from generator.fleet.autoscaling import has_autoscaler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "S13"
SEVERITY: Final = Severity.ERROR
_REPLICAS: Final = ("spec", "replicas")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each patch that sets the number of replicas beside an autoscaler."""
    for instance in context.instances:
        settings, asked = instance.settings, instance.settings.replicas
        if not (settings.patches and asked and has_autoscaler(instance)):
            continue
        for index, tree in apply_patches(instance, workload_without_pods(instance)):
            if below(settings.patches[index], *_REPLICAS) is not None and below(tree, *_REPLICAS) is not None:
                message = f"a patch sets the replicas of {instance.service.name}, which its autoscaler sets too"
                hint = f"remove it, and write the lowest number into `replicas`: {asked.min}~{asked.max} now"
                place, where = instance.position("patches", index, *_REPLICAS), (instance.environment.name,)
                yield Finding(ID, message, place, hint, environments=where)
