"""Kueue on a cluster: how much the pods of services may request at a time."""

from typing import Annotated, Any

from generator.spec.base import Field, Spec
from generator.spec.values.cluster import Name
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import Before
from generator.spec.values.quantity import Cores, Size
from generator.spec.values.scalars import QUALIFIED_NAME, Int


def _extended(value: Any) -> Any:
    """Check the names of extended resources. Raises InvalidValueError."""
    for name in value if isinstance(value, dict) else ():
        if "/" not in name or not QUALIFIED_NAME.match(name):
            expected = "the name of an extended resource, such as nvidia.com/gpumem"
            raise InvalidValueError(name, expected, hint="cpu, memory, gpu and pods are keys of their own", at=(name,))
    return value


class QueueQuota(Spec):
    """How much the admitted pods of a ClusterQueue may request together. What has no key is not limited."""

    cpu: Cores | None = Field(default=None, examples=["200"])
    """The sum of the CPU requests, in cores."""
    memory: Size | None = Field(default=None, examples=["1Ti"])
    """The sum of the memory requests, with its unit."""
    gpu: Int | None = Field(default=None, examples=["32"])
    """The number of cards, as the cluster's GPU backend counts them. A share of a card counts as one."""
    pods: Int | None = Field(default=None, examples=["200"])
    """The number of pods."""
    resources: Annotated[dict[str, Int], Before(_extended)] = Field(
        default_factory=dict, examples=[{"nvidia.com/gpumem": "460000"}]
    )
    """The sums of other extended resources, by their names, such as MiB of the memory of cards. A pod that requests an
    extended resource without a quota is never admitted."""


class KueueFacts(Spec):
    """The queues of a cluster on which Kueue admits pods. Each project has a LocalQueue in each of its namespaces."""

    quota: QueueQuota
    """The quota of the ClusterQueue of all projects that have none of their own."""
    projects: dict[Name, QueueQuota] = Field(default_factory=dict, examples=[{"vision": {"cpu": "64", "gpu": "8"}}])
    """Projects with a ClusterQueue of their own. What one ClusterQueue does not use, the others may borrow."""
