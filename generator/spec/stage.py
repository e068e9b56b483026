"""Stages: how a service runs while it is debugged, tested, or used in production."""

from typing import Literal

from generator.spec.base import Spec
from generator.spec.values.cluster import Prefix
from generator.spec.values.scalars import Bool, Text


class Rules(Spec):
    """What a stage does to a service, regardless of its settings.

    A stage file sets all keys; elsewhere each key is optional.
    """

    environment: Text | None = None
    """The value of the variable KUBEFLOW_ENV in the container."""
    prefix: Prefix | None = None
    """A prefix of each host, for example `test.`."""
    interactive: Bool | None = None
    """Whether to replace the command by `sleep infinity`, in a container in which a terminal can be opened."""
    probes: Bool | None = None
    """Whether the kubelet probes the service."""
    autoscaling: Bool | None = None
    """Whether `hpa` applies. Without it the minimum of `replicas` runs."""
    disruption_budget: Bool | None = None
    """Whether a PodDisruptionBudget lets a node drain evict one replica at a time only."""
    external: Bool | None = None
    """Whether a service with an `id` gets an external address, if the cluster offers one."""
    alerts: Bool | None = None
    """Whether people are alerted about the services, if the cluster has `monitoring`."""
    replicas: Literal["one", "min"] | None = None
    """How many replicas run without an autoscaler: `one`, or `min` for the minimum of `replicas`."""


def combine_rules(*rules: Rules | None) -> Rules:
    """Return the combination of the given rules; later ones override earlier ones."""
    values = {key: getattr(rule, key) for rule in rules if rule is not None for key in rule.written}
    return Rules(**values, written=frozenset(values))
