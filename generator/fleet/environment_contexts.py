"""What is known of each environment of a fleet: its cluster, its stage's rules, its Pod Security, its delivery tool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.fleet.metrics import metrics_of
from generator.fleet.model import EnvironmentContext
from generator.fleet.references import report_unknown_name
from generator.spec.platform import delivery_of
from generator.spec.stage import Rules, combine_rules

if TYPE_CHECKING:
    from generator.core.finding import Finding
    from generator.core.yaml import Document, Path
    from generator.spec.catalog import Catalog
    from generator.spec.namespaces import PodSecurity
    from generator.spec.platform import Cluster, Environment, Platform

# Bases are rendered without an environment.
_NEUTRAL: Final = Rules(
    environment="none",
    prefix="",
    interactive=False,
    probes=True,
    autoscaling=False,
    disruption_budget=False,
    external=False,
    replicas="min",
)


def environment_contexts(
    document: Document, platform: Platform, catalog: Catalog, findings: list[Finding]
) -> dict[str, EnvironmentContext]:
    """Return the contexts of the environments, and under the empty name the neutral context of the bases.

    Add a finding for each environment whose cluster is unknown.
    """
    contexts = {}
    metrics = {name: metrics_of(cluster, catalog.exporters) for name, cluster in platform.clusters.items()}
    for name, environment in platform.environments.items():
        path: Path = ("environments", name)
        cluster = platform.clusters.get(environment.cluster)
        stage = catalog.stages.get(environment.stage)
        if cluster is None:
            findings.append(
                report_unknown_name("cluster", environment.cluster, platform.clusters, document, (*path, "cluster"))
            )
        if cluster is not None and stage is not None:
            rules = combine_rules(stage, environment.rules)
            tool = delivery_of(platform, environment.cluster).tool
            contexts[name] = EnvironmentContext(
                name,
                environment.cluster,
                cluster,
                rules,
                _pod_security(cluster, environment),
                tool,
                metrics[environment.cluster],
            )
    if contexts:
        first, facts = next(iter(platform.clusters.items()))
        contexts[""] = EnvironmentContext("", first, facts, _NEUTRAL, metrics=metrics[first])
    return contexts


def _pod_security(cluster: Cluster, environment: Environment) -> PodSecurity | None:
    facts = cluster.namespaces
    return environment.pod_security or facts.pod_security or ("restricted" if facts.managed else None)
