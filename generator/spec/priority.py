"""The PriorityClasses of a cluster."""

from __future__ import annotations

from typing import Literal

from generator.spec.base import Spec
from generator.spec.values.priorities import PriorityNumber
from generator.spec.values.scalars import Text


class Priority(Spec):
    """A PriorityClass, which `priority` of a service names. What it says cannot be changed later, only its text."""

    value: PriorityNumber
    """Pods with more are scheduled first."""
    preemption: Literal["Never", "PreemptLowerPriority"] = "Never"
    """Whether its pods may push others off a node: a service could fall below its minimum by that."""
    description: Text | None = None
    """For whom it is."""
