"""A01: a project may name a namespace for its services only if it is granted.

Whoever may create objects in a namespace may use everything in it: its ServiceAccounts, its Secrets and the traffic of
its Services. Without a grant a project has the namespace that `namespace` of the environment gives, as a rule
{project}-{environment}. The namespaces of Kubernetes, of gateways and of the delivery tool can be granted to nobody,
and that of another project only by its full name.

Passes, with the grant `vision: {namespaces: [vision-models]}`:

    # services/vision/project.yaml
    environments: {prod: {namespace: vision-models}}

Fails:

    # services/vision/project.yaml
    environments: {prod: {namespace: argocd}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.grants.need import Need, report
from generator.core.finding import Severity
from generator.fleet.grants import GrantBook, default_namespace
from generator.spec.platform import delivery_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.finding import Finding, Position
    from generator.fleet.grants import Rights
    from generator.fleet.model import Fleet

ID: Final = "A01"
SEVERITY: Final = Severity.ERROR
# Kubernetes documentation, Namespaces: the prefix kube- is reserved; the others are those that the tools have at first.
_SYSTEM: Final = frozenset({"argocd", "flux-system", "istio-system"})
_PREFIX: Final = "kube-"


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each project and environment with a namespace that is not granted."""
    fleet, book = context.fleet, GrantBook(context.fleet)
    system = _SYSTEM | set(_of_tools(fleet))
    for project in sorted({service.project for service in fleet.services} | fleet.projects.keys()):
        for environment in fleet.environments:
            name = fleet.namespace(project, environment)
            if name in system or name.startswith(_PREFIX):
                need = Need("", "", f"the namespace {name}", "use a namespace of your own")
            elif _is_granted(fleet, book.rights(project, environment), name):
                continue
            else:
                hint = f"remove it for the namespace {default_namespace(fleet, project, environment)}"
                need = Need("namespaces", name, f"the namespace {name}", hint)
            yield report(ID, need, project, _position(fleet, project, environment))


def _is_granted(fleet: Fleet, rights: Rights, name: str) -> bool:
    if name == default_namespace(fleet, rights.project, rights.environment):
        return True
    exact = rights.grant.namespaces or ()
    return name in exact or (rights.allows("namespaces", name) and not _is_anothers(fleet, rights, name))


def _is_anothers(fleet: Fleet, rights: Rights, name: str) -> bool:
    """Whether the environment gives the namespace to another project."""
    others = {service.project for service in fleet.services} | fleet.projects.keys()
    return any(
        name == default_namespace(fleet, other, environment)
        for other in others - {rights.project}
        for environment in fleet.environments
    )


def _of_tools(fleet: Fleet) -> Iterator[str]:
    """Yield the namespaces of the gateways and of the delivery tool."""
    for name, cluster in fleet.platform.clusters.items():
        yield from (gateway.name.partition("/")[0] for gateway in cluster.gateways.values())
        if (own := delivery_of(fleet.platform, name).namespace) is not None:
            yield own


def _position(fleet: Fleet, project: str, environment: str) -> Position:
    spec = fleet.projects.get(project)
    stanza = spec.environments.get(environment) if spec is not None else None
    if stanza is not None and stanza.namespace is not None:
        return fleet.project_position(project, "environments", environment, "namespace")
    return fleet.platform_position("environments", environment, "namespace")
