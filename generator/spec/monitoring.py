"""What servegen writes for the monitoring of a cluster."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from generator.spec.base import Spec
from generator.spec.values.object_name import ObjectName
from generator.spec.values.scalars import LabelMap


class MonitoringFacts(Spec):
    """Where the alerts about services go, and in which form."""

    namespace: ObjectName = Field(default="monitoring", examples=["monitoring"])
    """The namespace of the objects that a cluster has once. It must exist."""
    rules: Literal["PrometheusRule", "ConfigMap"] = "PrometheusRule"
    """The kind of object that holds rules: a PrometheusRule for the operator of Prometheus, or a ConfigMap with a rule
    file, for a Prometheus that collects them by a label."""
    labels: LabelMap = Field(default_factory=dict, examples=[{"release": "prometheus"}])
    """The labels by which Prometheus selects these objects (`ruleSelector`)."""
