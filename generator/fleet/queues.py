"""The Kueue queue of a service, and the quotas of the queues of a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from generator.core.yaml import Path
    from generator.fleet.model import ServiceInstance
    from generator.spec.kueue import KueueFacts, QueueQuota

COMMON: Final = "servegen"
"""The ClusterQueue of the projects without one of their own, and the ResourceFlavor and the cohort of all."""
NO_QUEUE: Final = "none"
"""The value of `queue` for pods that Kueue does not admit."""


def queue_of(instance: ServiceInstance) -> str | None:
    """Return the LocalQueue of a service; None if Kueue does not admit its pods."""
    if instance.environment.facts.kueue is None or instance.settings.queue == NO_QUEUE:
        return None
    return instance.settings.queue or instance.service.project


def cluster_queues(facts: KueueFacts) -> dict[str, tuple[QueueQuota, Path]]:
    """Return the quota of each ClusterQueue, with its path below the cluster."""
    own = {f"{COMMON}-{name}": (quota, ("kueue", "projects", name)) for name, quota in facts.projects.items()}
    return {COMMON: (facts.quota, ("kueue", "quota")), **own}


def cluster_queue_of(facts: KueueFacts, project: str) -> str:
    """Return the ClusterQueue of a project."""
    return f"{COMMON}-{project}" if project in facts.projects else COMMON


def nominal_quotas(quota: QueueQuota, card: str | None) -> dict[str, str]:
    """Return the nominal quota of each resource that a ClusterQueue counts.

    `card` is the resource name of a whole card. Kueue admits no pod with a request that its queue does not count, and
    every pod has requests for cpu, memory and disk: without a limit they get one that no cluster reaches. Kueue adds up
    the quotas of a cohort in 64 bits.
    """
    counted = {
        "cpu": quota.cpu or "1M",
        "memory": quota.memory or "1Pi",
        "ephemeral-storage": "1Pi",
        "pods": quota.pods,
        **({card: quota.gpu} if card is not None else {}),
        **quota.resources,
    }
    return {name: str(amount) for name, amount in counted.items() if amount is not None}
