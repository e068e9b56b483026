"""The PriorityClasses of a cluster."""

from typing import Literal

from generator.spec.base import Spec
from generator.spec.values.priorities import PriorityNumber
from generator.spec.values.scalars import Text


class Priority(Spec):
    """A PriorityClass, which `priority` of a service names. Only its description can be changed later."""

    value: PriorityNumber
    """The priority: pods of a class with a higher value are scheduled first."""
    preemption: Literal["Never", "PreemptLowerPriority"] = "Never"
    """Whether pods of this class may evict others from a node: `PreemptLowerPriority` or `Never`. Preemption could take
    another service below its minimum of replicas."""
    description: Text | None = None
    """Which services the class is for."""
