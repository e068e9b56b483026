"""N10: environments must not share a namespace on a cluster.

Object names do not contain the environment, so two environments in one namespace would overwrite each other's objects.

Passes:

    environments:
      test: {cluster: main, stage: test, namespace: "{project}-test"}
      prod: {cluster: main, stage: prod, namespace: "{project}-prod"}

Fails:

    environments:
      test: {cluster: main, stage: test, namespace: "{project}"}
      prod: {cluster: main, stage: prod, namespace: "{project}"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "N10"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each namespace that two environments of one cluster would use."""
    projects = sorted({service.project for service in context.fleet.services})
    owners: dict[tuple[str, str], str] = {}
    for name, place in context.fleet.contexts.items():
        for project in projects if name else ():
            namespace = context.fleet.namespace(project, name)
            other = owners.setdefault((place.cluster, namespace), name)
            if other != name:
                message = f"{other} and {name} share the namespace {namespace} on the cluster {place.cluster}"
                hint = "give each its own namespace; the default is {project}-{environment}"
                position = context.fleet.platform_position("environments", name, "namespace")
                also = (context.fleet.platform_position("environments", other, "namespace"),)
                yield Finding(ID, message, position, hint, also=also)
