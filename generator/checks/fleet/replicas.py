"""How many replicas a service has at least and at most in an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.regex import regex
from generator.fleet.autoscaling import has_autoscaler

if TYPE_CHECKING:
    from generator.fleet.model import ServiceInstance

_PERCENT: Final = regex(r"([0-9]{1,3})%\Z")


def at_least(instance: ServiceInstance) -> int:
    """Return the lowest number of replicas."""
    asked = instance.settings.replicas
    if asked is None or instance.rules.replicas == "one":
        return 1
    return asked.min if has_autoscaler(instance) else max(asked.min, 1)


def pods_at_most(instance: ServiceInstance) -> int:
    """Return the highest number of pods: each replica has one on each of its nodes."""
    return at_most(instance) * instance.settings.group_size


def at_most(instance: ServiceInstance) -> int:
    """Return the highest number of replicas: that of the autoscaler, if there is one."""
    asked = instance.settings.replicas
    if asked is None or instance.rules.replicas == "one":
        return 1
    return asked.max if has_autoscaler(instance) else max(asked.min, 1)


def count_replicas(value: object, replicas: int, *, up: bool) -> int | None:
    """Return a number of replicas, or a percentage of them, rounded; None for anything else.

    A budget rounds up, and `maxUnavailable` of a Deployment down.
    """
    if isinstance(value, int):
        return value
    match = _PERCENT.match(value) if isinstance(value, str) else None
    if match is None:
        return None
    parts = int(match[1]) * replicas
    return -(-parts // 100) if up else parts // 100
