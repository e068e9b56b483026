"""The ServiceMonitor or PodMonitor of a service: what the operator of Prometheus makes its scrape configuration from.

Source: prometheus-operator, API reference, monitoring.coreos.com/v1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.fleet.scrapes import scrapes
from generator.render.views.service import INSTANCE, labels, name, receivers, selector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.render.views.context import ServiceContext
    from generator.spec.scraping import Discovery
    from generator.spec.values.metrics import Scrape

# They become labels of each series, with `_` for every character that a label of Prometheus cannot have.
_TARGET_LABELS: Final = (INSTANCE, "app.kubernetes.io/version", "app.kubernetes.io/part-of")


def of_service(context: ServiceContext) -> bool:
    """Whether the service has a ServiceMonitor."""
    return _has(context, "ServiceMonitor")


def of_pods(context: ServiceContext) -> bool:
    """Whether the service has a PodMonitor."""
    return _has(context, "PodMonitor")


def object_labels(context: ServiceContext) -> dict[str, str]:
    """The labels of the service, and those by which Prometheus selects monitors."""
    return {**labels(context), **context.instance.environment.facts.scrape.labels}


def target_labels(context: ServiceContext) -> list[str]:
    """The labels of pods that each series has too."""
    own = labels(context)
    return [one for one in _TARGET_LABELS if one in own]


def pods(context: ServiceContext) -> dict[str, str]:
    """The label that selects the pods: of groups only the leaders, which serve."""
    return receivers(context)


def services(context: ServiceContext) -> dict[str, str]:
    """The label that selects the Service, and with it the one of an external address."""
    return selector(context)


def pod_endpoints(context: ServiceContext) -> list[dict[str, Any]]:
    """The ports and paths of each pod, for a PodMonitor."""
    return [{"portNumber": one.port, **_read(context, one)} for one in scrapes(context.instance)]


def service_endpoints(context: ServiceContext) -> list[dict[str, Any]]:
    """The ports and paths of each pod, for a ServiceMonitor. The Service of an external address is left out: it has the
    same pods, and each would be counted twice."""
    only = [{"sourceLabels": ["__meta_kubernetes_service_name"], "regex": name(context), "action": "keep"}]
    return [{"targetPort": one.port, **_read(context, one), "relabelings": only} for one in scrapes(context.instance)]


def _has(context: ServiceContext, kind: Discovery) -> bool:
    return context.instance.environment.facts.scrape.kind == kind and any(True for _ in scrapes(context.instance))


def _read(context: ServiceContext, scrape: Scrape) -> Mapping[str, str]:
    interval = context.instance.environment.facts.scrape.interval
    return {"path": scrape.path, **({"interval": f"{interval}s"} if interval is not None else {})}
