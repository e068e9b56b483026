"""Stages: how a service runs while it is debugged, tested, or serves people."""

from __future__ import annotations

from typing import Literal

from generator.spec.base import Spec
from generator.spec.values.cluster import Prefix
from generator.spec.values.scalars import Bool, Text


class Rules(Spec):
    """What a stage does to a service whatever the service says; all keys of a stage file, each optional elsewhere."""

    environment: Text | None = None
    """The value of the variable KUBEFLOW_ENV."""
    prefix: Prefix | None = None
    """What stands before each host, for example `test.`."""
    interactive: Bool | None = None
    """Replace the command by `sleep infinity` and open a terminal."""
    probes: Bool | None = None
    """Whether the kubelet probes the service."""
    autoscaling: Bool | None = None
    """Whether `hpa` applies; without it the minimum of replicas runs."""
    disruption_budget: Bool | None = None
    """Whether a node drain must leave all replicas but one."""
    external: Bool | None = None
    """Whether a service with an `id` gets an external address, as the cluster offers it."""
    replicas: Literal["one", "min"] | None = None
    """How many replicas run where no autoscaler decides."""


def combine_rules(*rules: Rules | None) -> Rules:
    """The rules of later places over those of earlier ones."""
    values = {key: getattr(rule, key) for rule in rules if rule is not None for key in rule.model_fields_set}
    return Rules.model_construct(**values)
