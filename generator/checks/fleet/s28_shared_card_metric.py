"""S28: the load of a whole card says nothing about one of the pods that share it.

DCGM measures cards. Pods that share a card by HAMi, by time or by MPS all have the load of the card, or none at all, so
that the load of one service adds pods to another one. HAMi's own monitor measures what each pod does; a queue or a rate
of requests does too.

Passes, on a cluster with `metrics: {gpu: {exporter: hami}}`:

    hpa: gpu:50%
    resources: {gpu: 0.2(T4)}

Fails, on a cluster with `metrics: {gpu: {exporter: dcgm}}`:

    hpa: gpu:50%
    resources: {gpu: 0.2(T4)}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.autoscaling import has_autoscaler
from generator.spec.cards import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "S28"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each autoscaler of a service with a share of a card, by an exporter of whole cards."""
    exporters = context.fleet.catalog.exporters
    for instance in context.instances:
        if not has_autoscaler(instance) or not _shares_card(instance):
            continue
        for target in instance.settings.hpa or ():
            source = instance.environment.facts.metrics.get(target.metric)
            exporter = exporters.get(source.exporter or "") if source is not None else None
            if source is not None and exporter is not None and exporter.whole_cards:
                message = f"`hpa` names {target.metric}, which {source.exporter} measures for the whole card,"
                message += " and the service has a share of one"
                hint = f"use a metric of the service, such as its requests, or another exporter for {target.metric}"
                place, where = instance.position("hpa"), (instance.environment.name,)
                also = (context.fleet.platform_position("clusters", instance.environment.cluster, "metrics"),)
                yield Finding(ID, message, place, hint, SEVERITY, also, environments=where)


def _shares_card(instance: ServiceInstance) -> bool:
    gpu = instance.settings.gpu
    if gpu is None:
        return False
    divided = gpu.card is not None and gpu.card.endswith(SHARED)
    return bool(gpu.percent or gpu.memory_mib or gpu.shared or divided)
