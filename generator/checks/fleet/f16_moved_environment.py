"""F16: an environment that moves to another cluster leaves its objects on the old one.

When an environment names another cluster, its services start there. Their objects on the old cluster stay and keep
running, but no delivery tool manages or deletes them any more: Argo CD changes the destination of the same
Applications, and Flux of the old cluster no longer finds its source. To move without leftovers, add a second
environment on the new cluster, deploy there, move the traffic, then undeploy in the old environment (docs/traffic.md).
Without a base revision nothing is checked.

Passes, beside the environment of before:

    environments:
      prod: {cluster: main, stage: prod}
      prod-second: {cluster: second, stage: prod}

Fails, with a warning, if prod was on main:

    environments:
      prod: {cluster: second, stage: prod}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.spec.values.text import list_few

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.load import Specs

ID: Final = "F16"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each environment that was on another cluster in the base revision and had services there."""
    before = context.base
    if before is None or before.platform is None:
        return
    clusters = {name: facts.cluster for name, facts in before.platform[1].environments.items()}
    for environment, facts in context.fleet.platform.environments.items():
        old = clusters.get(environment, facts.cluster)
        services = _deployed(before, environment)
        if old == facts.cluster or not services:
            continue
        message = (
            f"{environment} moves from the cluster {old} to {facts.cluster}: what is on {old} of {list_few(services)} "
            "stays there and keeps running, and no delivery tool manages it any more"
        )
        hint = (
            f"add a new environment on {facts.cluster} and deploy there, then undeploy in {environment} (the steps are "
            "in docs/traffic.md); nothing is left if this is the same cluster by another name"
        )
        position = context.fleet.platform_position("environments", environment, "cluster")
        yield Finding(ID, message, position, hint, SEVERITY)


def _deployed(specs: Specs, environment: str) -> list[str]:
    entries = (entry for entry in specs.services if entry.spec.environments.get(environment) is not None)
    return sorted("/".join(entry.key) for entry in entries)
