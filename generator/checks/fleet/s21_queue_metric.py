"""S21: the load of a card says little about a server that queues requests.

A language model keeps its card busy with one request as with fifty, and what a busy card cannot take waits in the queue
of the server. Such a server says how many requests wait: `queue` in `hpa` adds pods when they do. For Triton this is so
if its requests wait for others of their batch (`max_queue_delay_microseconds`). `servegen explain S04` says what the
cluster needs for it.

Passes:

    type: vllm
    hpa: queue:5

Fails:

    type: vllm
    hpa: gpu:50%
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.autoscaling import has_autoscaler, metric_of
from generator.fleet.metrics import QUEUE
from generator.spec.values.hpa import MetricTarget, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.spec.metric_query import QueueMetric

ID: Final = "S21"
SEVERITY: Final = Severity.WARNING
_GPU: Final = "gpu"


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each autoscaler with `gpu` on a server with a queue."""
    for instance in context.instances:
        queue = instance.server.queue
        if queue is not None and has_autoscaler(instance) and _names_gpu(instance) and _is_used(instance, queue):
            message = "`hpa` names gpu, which is high with one request as with many;"
            message += f" {queue.series} says how many wait in {instance.service.spec.type}"
            place, where = instance.position("hpa"), (instance.environment.name,)
            yield Finding(ID, message, place, _hint(instance, queue), SEVERITY, environments=where)


def _names_gpu(instance: ServiceInstance) -> bool:
    return any(target.metric == _GPU for target in instance.settings.hpa or ())


def _is_used(instance: ServiceInstance, queue: QueueMetric) -> bool:
    """Return whether requests wait in the queue: always, or with a certain option of the server."""
    return queue.option is None or bool((instance.settings.options or {}).get(queue.option))


def _hint(instance: ServiceInstance, queue: QueueMetric) -> str:
    kept = [target for target in instance.settings.hpa or () if target.metric not in (_GPU, QUEUE)]
    own = next((target for target in instance.settings.hpa or () if target.metric == QUEUE), None)
    hint = f"write hpa: {write([*kept, own or MetricTarget(QUEUE, queue.amount, percent=False)])}"
    if metric_of(instance, QUEUE) is None:
        hint += f", and `prometheus` into the cluster {instance.environment.cluster} of the platform file"
    return hint
