"""`scaling:` how fast the autoscaler adds and removes pods.

Source: Kubernetes API reference, autoscaling/v2, HorizontalPodAutoscalerBehavior.
"""

from typing import Annotated, Final, Literal

from generator.spec.base import Field, Spec
from generator.spec.values.pace import PaceField, Tolerance, Window
from generator.spec.values.parser import Before
from generator.spec.values.schedule import ScheduleField

# Kubernetes documentation, Feature Gates, HPAConfigurableTolerance: on by default since then.
TOLERANCE_SINCE: Final = (1, 35)


class Windows(Spec):
    """How long the autoscaler looks back: the largest number of pods that it wanted in this time counts for `down`, the
    smallest for `up`."""

    up: Window | None = None
    """Before it adds pods."""
    down: Window | None = None
    """Before it removes pods."""


class Tolerances(Spec):
    """By how much a metric may differ from its target without a change of the number of pods."""

    up: Tolerance | None = None
    """Above the target."""
    down: Tolerance | None = None
    """Below the target."""


def _window_down(value: object) -> object:
    return {"down": value} if isinstance(value, str) else value


def _both_ways(value: object) -> object:
    return {"up": value, "down": value} if isinstance(value, str) else value


class Scaling(Spec):
    """How the autoscaler changes the number of pods."""

    autoscaler: Literal["hpa", "keda"] | None = Field(default=None, examples=["keda"])
    """What sets the number of pods: a HorizontalPodAutoscaler, or KEDA. Default: the `autoscaler` of the cluster."""
    schedule: ScheduleField | None = Field(default=None, examples=["9~21:1,21~9:0"])
    """How many pods run at least, by the hour, in the time zone of the cluster. Outside of all hours it is the minimum
    of `replicas`. Needs KEDA."""
    up: PaceField | None = Field(default=None, examples=["4/60s", "100%/60s,4/60s"])
    """How many pods it may add, and in which time: a number or a percentage of the pods, the larger one of several, or
    `none`. Default: `100%/60s,2/60s`."""
    down: PaceField | None = Field(default=None, examples=["1/300s"])
    """How many pods it may remove, and in which time. Default: `1/120s`."""
    stabilize: Annotated[Windows, Before(_window_down, Window | Windows)] | None = Field(
        default=None, examples=["300s", {"up": "30s", "down": "300s"}]
    )
    """How long the load must stay low before pods are removed, or both directions as a mapping. Default: up `0s`, down
    `300s`."""
    tolerance: Annotated[Tolerances, Before(_both_ways, Tolerance | Tolerances)] | None = Field(
        default=None, examples=["5%", {"up": "2%", "down": "10%"}]
    )
    """By how much a metric may differ from its target without a change. Default: what the cluster has, usually 10%.
    Needs Kubernetes 1.35."""
