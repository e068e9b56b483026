"""The web pages about a service that the platform file links: dashboards, metrics, delivery.

The names that an address may hold are those of `generator/spec/values/link.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.fleet.routing import host
from generator.render.dashboards.names import server_uid
from generator.render.delivery_names import application_name, kustomization_name
from generator.spec.values.link import fill

if TYPE_CHECKING:
    from generator.fleet.model import ServiceInstance

# How programs write their own names; any other link has the name that the platform file gives it.
TITLES: Final = {
    "alertmanager": "Alertmanager",
    "argocd": "Argo CD",
    "flux": "Flux",
    "grafana": "Grafana",
    "kiali": "Kiali",
    "logs": "Logs",
    "prometheus": "Prometheus",
}


class WebPage(Struct, frozen=True):
    """A page about a service in one environment, by the name that the platform file gives it."""

    name: str
    url: str

    @property
    def title(self) -> str:
        """The name as people read it."""
        return TITLES.get(self.name, self.name)


def web_pages(instance: ServiceInstance) -> tuple[WebPage, ...]:
    """Return the pages of a service in its environment, in the order of the platform file."""
    links = instance.environment.facts.links
    names = link_names(instance) if links else {}
    return tuple(WebPage(name, fill(link, names)) for name, link in links.items())


def link_names(instance: ServiceInstance) -> dict[str, str]:
    """Return what replaces each name in the address of a page."""
    service, context = instance.service, instance.environment
    return {
        "service": service.name,
        "namespace": instance.namespace,
        "environment": context.name,
        "cluster": context.cluster,
        "project": service.project,
        "app": service.app,
        "model": service.spec.model,
        "version": service.spec.version,
        "type": service.spec.type,
        "host": host(instance),
        "application": delivery_object(instance),
        "dashboard": dashboard(instance),
    }


def dashboard(instance: ServiceInstance) -> str:
    """Return the identifier in Grafana of the dashboard of the service's model server."""
    return server_uid(instance.environment.cluster, instance.service.spec.type)


def delivery_object(instance: ServiceInstance) -> str:
    """Return the name of the Application of Argo CD, or the start of those of Flux's Kustomizations."""
    name = kustomization_name if instance.environment.tool == "flux" else application_name
    return name(instance.service.project, instance.service.app, instance.environment.name)
