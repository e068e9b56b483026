"""What servegen writes for the monitoring of a cluster."""

from typing import Annotated, Any, Final, Literal

from generator.spec.base import Field, Spec
from generator.spec.values.object_name import ObjectName
from generator.spec.values.parser import Before
from generator.spec.values.scalars import LabelMap

DashboardKind = Literal["ConfigMap", "files"]
SIDECAR_LABELS: Final = {"grafana_dashboard": "1"}
"""The label that the sidecar of Grafana's chart looks for, if its values do not name another one."""


class DashboardFacts(Spec):
    """How Grafana gets the dashboards."""

    kind: DashboardKind = "ConfigMap"
    """`ConfigMap`: one for each dashboard, for the sidecar of Grafana's chart; `files`: JSON files below
    `rendered/platform/<cluster>/dashboards/`, to be provisioned or imported."""
    labels: LabelMap = Field(default_factory=lambda: dict(SIDECAR_LABELS), examples=[{"grafana_dashboard": "1"}])
    """The labels by which the sidecar selects ConfigMaps (`sidecar.dashboards.label` and `labelValue` of the chart)."""


def _kind_alone(value: Any) -> Any:
    return value if isinstance(value, dict | DashboardFacts) else {"kind": value}


DashboardFactsField = Annotated[DashboardFacts, Before(_kind_alone, DashboardKind | DashboardFacts)]


class MonitoringFacts(Spec):
    """Where the alerts and dashboards about services go, and in which form."""

    namespace: ObjectName = Field(default="monitoring", examples=["monitoring"])
    """The namespace of the objects that a cluster has once. It must exist."""
    rules: Literal["PrometheusRule", "ConfigMap"] = "PrometheusRule"
    """The kind of object that holds rules: a PrometheusRule for the operator of Prometheus, or a ConfigMap with a rule
    file, for a Prometheus that collects them by a label."""
    labels: LabelMap = Field(default_factory=dict, examples=[{"release": "prometheus"}])
    """The labels by which Prometheus selects these objects (`ruleSelector`)."""
    dashboards: DashboardFactsField | None = Field(default=None, examples=["ConfigMap"])
    """The dashboards for Grafana, one for each model server of the cluster's services and one for all services: a kind
    alone, or a mapping with more keys. Default: none."""
