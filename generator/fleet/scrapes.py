"""Where Prometheus reads the metrics of a service's pods."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.model import ServiceInstance
    from generator.spec.values.metrics import Scrape


def scrapes(instance: ServiceInstance) -> Iterator[Scrape]:
    """Yield the port and path of the service, then those of its sidecar; none if the cluster's Prometheus has none."""
    kind = instance.environment.facts.scrape.kind
    sidecar = instance.sidecar
    of_sidecar = None
    if sidecar is not None:
        of_sidecar = sidecar.annotated_metrics if kind == "annotations" else sidecar.metrics
    yield from (one for one in (instance.settings.metrics, of_sidecar) if one is not None and kind != "none")
