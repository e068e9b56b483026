"""How Prometheus finds what to scrape on a cluster."""

from typing import Annotated, Any, Literal

from generator.spec.base import Field, Spec
from generator.spec.values.parser import Before
from generator.spec.values.scalars import Duration, LabelMap

Discovery = Literal["annotations", "ServiceMonitor", "PodMonitor", "none"]


class ScrapeFacts(Spec):
    """The objects from which Prometheus learns where the metrics of services are."""

    kind: Discovery = "annotations"
    """`annotations` of the Services, for the usual discovery of Prometheus; `ServiceMonitor` or `PodMonitor`, for the
    operator of Prometheus; or `none`."""
    labels: LabelMap = Field(default_factory=dict, examples=[{"release": "prometheus"}])
    """The labels by which the operator's Prometheus selects monitors (`podMonitorSelector`)."""
    interval: Duration | None = Field(default=None, examples=["30s"])
    """How often a monitor's targets are scraped. Default: as Prometheus is configured."""


def _kind_alone(value: Any) -> Any:
    return value if isinstance(value, dict | ScrapeFacts) else {"kind": value}


ScrapeFactsField = Annotated[ScrapeFacts, Before(_kind_alone, Discovery | ScrapeFacts)]
