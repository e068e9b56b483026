"""Names, labels and ports that all objects of a service share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.render.views.ports import port_name, protocol

if TYPE_CHECKING:
    from generator.render.views.subject import Subject

MANAGED_BY = {"app.kubernetes.io/managed-by": "servegen"}


def name(subject: Subject) -> str:
    """The name of the Deployment, the Service, the ServiceAccount, the autoscaler and the budget."""
    return subject.deployed.service.name


def selector(subject: Subject) -> dict[str, str]:
    """The one label by which pods are found. A Deployment's selector is immutable: nothing that can change is in it."""
    return {"app.kubernetes.io/instance": name(subject)}


def labels(subject: Subject) -> dict[str, str]:
    """The recommended labels of Kubernetes, and those of the spec."""
    service = subject.deployed.service
    return {
        "app.kubernetes.io/name": service.spec.model,
        **selector(subject),
        "app.kubernetes.io/version": service.spec.version,
        "app.kubernetes.io/component": "inference",
        "app.kubernetes.io/part-of": service.project,
        **MANAGED_BY,
        **(subject.deployed.settings.labels or {}),
    }


def object_annotations(subject: Subject) -> dict[str, str]:
    """The description and the annotations of the spec."""
    description = subject.deployed.service.spec.description
    about = {"kubernetes.io/description": description} if description else {}
    return {**about, **(subject.deployed.settings.annotations or {})}


def scrape_annotations(subject: Subject) -> dict[str, str]:
    """What Prometheus' usual service discovery looks for."""
    metrics = subject.deployed.settings.metrics
    if metrics is None or subject.deployed.place.facts.scrape != "annotations":
        return {}
    return {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": str(metrics.port),
        "prometheus.io/path": metrics.path,
    }


def ports(subject: Subject) -> list[dict[str, object]]:
    """The Service's ports; Istio takes the protocol from `appProtocol` and the name's first part."""
    server = subject.deployed.server
    return [
        {
            "name": port_name(server, port),
            "port": port,
            "targetPort": port,
            "protocol": "TCP",
            "appProtocol": protocol(server, port),
        }
        for port in subject.deployed.settings.ports or ()
    ]
