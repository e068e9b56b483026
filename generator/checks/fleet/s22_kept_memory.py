"""S22: the memory of some servers never shrinks, so that an autoscaler that counts it never removes a pod.

vLLM, SGLang and llama-server take the memory of their caches when they start. TensorFlow and the Java heap of
TorchServe keep what they took once. Their memory says nothing about the load.

Passes:

    type: vllm
    hpa: cpu:60%

Fails:

    type: vllm
    hpa: cpu:60%,mem:60%
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.autoscaling import has_autoscaler
from generator.spec.values.hpa import write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "S22"
SEVERITY: Final = Severity.WARNING
_MEMORY: Final = "memory"


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each autoscaler that counts the memory of a server that keeps it."""
    for instance in context.instances:
        reason, targets = instance.server.keeps_memory, instance.settings.hpa or ()
        if reason is None or not has_autoscaler(instance) or all(one.metric != _MEMORY for one in targets):
            continue
        kept = [target for target in targets if target.metric != _MEMORY]
        hint = f"write hpa: {write(kept)}" if kept else "write another metric, for example hpa: cpu:60%"
        message = f"`hpa` names mem, but {reason}: the autoscaler would not remove pods"
        place, where = instance.position("hpa"), (instance.environment.name,)
        yield Finding(ID, message, place, hint, SEVERITY, environments=where)
