"""H23: the condition of a `rollout` needs the address of a Prometheus, which answers it.

Without an answer no step is made: the rollout would stand still for good.

Passes, when the cluster has `prometheus: {address: http://prometheus.monitoring:9090}`:

    rollout: 5%,25%,100% every 1h while error_rate < 0.01

Fails, when it has none:

    rollout: 5%,25%,100% every 1h while error_rate < 0.01
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "H23"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each rollout with a condition on a cluster without an address of Prometheus."""
    for instance in context.instances:
        facts = instance.environment.facts.prometheus
        if instance.rollout is None or instance.rollout.condition is None or (facts is not None and facts.address):
            continue
        cluster = instance.environment.cluster
        message = f"the rollout of {instance.service.name} has a condition, but {cluster} has no `prometheus.address`"
        hint = f"add `prometheus: {{address: …}}` to clusters.{cluster} of the platform file, or remove `while`"
        also = (context.fleet.platform_position("clusters", cluster),)
        yield Finding(ID, message, instance.in_environment("rollout"), hint, also=also)
