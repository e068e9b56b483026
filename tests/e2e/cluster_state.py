"""A stand-in for kube-state-metrics: what the API server says of a namespace, as the series that the alerts read.

Source: kube-state-metrics 2.17, docs/metrics/workload. Like it, this leaves out what an object does not have yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from tests.e2e.kube import Kube

_DEPLOYMENT: Final = "kube_deployment"
_AUTOSCALER: Final = "kube_horizontalpodautoscaler"
_UNSCHEDULED: Final = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}

Series = tuple[str, dict[str, str], Any]


@dataclass(frozen=True, slots=True)
class ClusterState:
    """The series of one namespace."""

    kube: Kube
    namespace: str

    def text(self, _path: str) -> str:
        """Return the series in the format of Prometheus."""
        found = (*self._deployments(), *self._autoscalers(), *self._pods())
        return "".join(self._line(name, labels, value) for name, labels, value in found if value is not None)

    def _line(self, name: str, labels: dict[str, str], value: int) -> str:
        pairs = ",".join(f'{key}="{text}"' for key, text in {"namespace": self.namespace, **labels}.items())
        return f"{name}{{{pairs}}} {value}\n"

    def _deployments(self) -> Iterator[Series]:
        for tree in self.kube.list("apps/v1", "deployments", self.namespace):
            name = {"deployment": tree["metadata"]["name"]}
            yield f"{_DEPLOYMENT}_spec_replicas", name, tree["spec"]["replicas"]
            yield f"{_DEPLOYMENT}_status_replicas_available", name, tree["status"].get("availableReplicas", 0)

    def _autoscalers(self) -> Iterator[Series]:
        for tree in self.kube.list("autoscaling/v2", "horizontalpodautoscalers", self.namespace):
            name = {"horizontalpodautoscaler": tree["metadata"]["name"]}
            yield f"{_AUTOSCALER}_spec_min_replicas", name, tree["spec"]["minReplicas"]
            yield f"{_AUTOSCALER}_spec_max_replicas", name, tree["spec"]["maxReplicas"]
            yield f"{_AUTOSCALER}_status_desired_replicas", name, tree["status"].get("desiredReplicas")

    def _pods(self) -> Iterator[Series]:
        for pod in self.kube.list("v1", "pods", self.namespace):
            if any(_UNSCHEDULED.items() <= one.items() for one in pod["status"].get("conditions", ())):
                yield "kube_pod_status_unschedulable", {"pod": pod["metadata"]["name"]}, 1
