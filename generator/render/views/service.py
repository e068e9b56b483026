"""Names, labels and ports that all objects of a service share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.fleet.service_ports import app_protocol, port_name
from generator.spec.values.ports import numbers

if TYPE_CHECKING:
    from generator.render.views.context import ServiceContext

INSTANCE = "app.kubernetes.io/instance"
"""The label that selects the pods of a service."""
# The label that the controller of a LeaderWorkerSet gives the first pod of each group.
LEADER = {"leaderworkerset.sigs.k8s.io/worker-index": "0"}
MANAGED_BY = {"app.kubernetes.io/managed-by": "servegen"}


def name(context: ServiceContext) -> str:
    """The name of the Deployment or LeaderWorkerSet, the Service, the ServiceAccount, the autoscaler and the budget."""
    return context.instance.service.name


def selector(context: ServiceContext) -> dict[str, str]:
    """The label that selects the pods. A Deployment's selector is immutable, so it holds nothing that can change."""
    return {INSTANCE: name(context)}


def receivers(context: ServiceContext) -> dict[str, str]:
    """The labels of the pods that get requests: all pods of the service, or the leader of each group."""
    if context.instance.settings.group_size == 1:
        return selector(context)
    return {**selector(context), **LEADER}


def labels(context: ServiceContext) -> dict[str, str]:
    """The recommended labels of Kubernetes, and those of the spec."""
    service = context.instance.service
    return {
        "app.kubernetes.io/name": service.spec.model,
        **selector(context),
        "app.kubernetes.io/version": service.spec.version,
        "app.kubernetes.io/component": "inference",
        "app.kubernetes.io/part-of": service.project,
        **MANAGED_BY,
        **(context.instance.settings.labels or {}),
    }


def object_annotations(context: ServiceContext) -> dict[str, str]:
    """The description and the annotations of the spec."""
    description = context.instance.service.spec.description
    about = {"kubernetes.io/description": description} if description else {}
    return {**about, **(context.instance.settings.annotations or {})}


def scrape_annotations(context: ServiceContext) -> dict[str, str]:
    """The annotations for the usual service discovery of Prometheus."""
    metrics = context.instance.settings.metrics
    if metrics is None or context.instance.environment.facts.scrape.kind != "annotations":
        return {}
    return {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": str(metrics.port),
        "prometheus.io/path": metrics.path,
    }


def ports(context: ServiceContext) -> list[dict[str, object]]:
    """The Service's ports; Istio takes the protocol from `appProtocol` and the first part of the name."""
    instance = context.instance
    return [
        {
            "name": port_name(instance, port),
            "port": port,
            "targetPort": port,
            "protocol": "TCP",
            "appProtocol": app_protocol(instance, port),
        }
        for port in numbers(instance.settings.ports)
    ]
