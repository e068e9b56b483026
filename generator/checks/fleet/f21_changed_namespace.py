"""F21: what people have put into a namespace is not in another one.

When the namespace of a project in an environment changes, its services start in the new one. Claims, Secrets and
registry credentials of the old namespace are not there, and pods that need them do not start. The delivery tool, if
there is one, deletes the services of the old namespace. Without a base revision nothing is checked.

Passes, beside the environment of before:

    environments:
      prod: {cluster: main, stage: prod}
      live: {cluster: main, stage: prod, namespace: "{project}-live"}

Fails, with a warning, if prod had the default namespace:

    environments:
      prod: {cluster: main, stage: prod, namespace: "{project}-live"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.model import namespace
from generator.spec.platform import delivery_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.fleet.load import Specs
    from generator.fleet.model import Fleet

ID: Final = "F21"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each project with services in an environment that now has another namespace."""
    fleet = context.fleet
    for environment, project, old in _before(context.base):
        if environment not in fleet.environments or project not in {service.project for service in fleet.services}:
            continue
        new = fleet.namespace(project, environment)
        if new != old:
            message = (
                f"{project} moves from the namespace {old} to {new} in {environment}: claims and Secrets of {old} are "
                f"not in {new}, and its services in {old} {_end(fleet, environment)}"
            )
            hint = (
                f"create them in {new} first; to move without a gap, add an environment with this namespace, deploy "
                f"there, move the traffic, then undeploy in {environment}"
            )
            yield Finding(ID, message, _position(fleet, project, environment), hint, SEVERITY)


def _before(base: Specs | None) -> Iterator[tuple[str, str, str]]:
    """Yield environment, project and namespace of each project with services in an environment."""
    if base is None or base.platform is None:
        return
    platform, projects = base.platform[1], {name: spec for name, (_, spec) in base.projects.items()}
    used = {
        (environment, entry.project)
        for entry in base.services
        for environment, stanza in entry.spec.environments.items()
        if stanza is not None and environment in platform.environments
    }
    for environment, project in sorted(used):
        yield environment, project, namespace(platform, projects, project, environment)


def _end(fleet: Fleet, environment: str) -> str:
    tool = delivery_of(fleet.platform, fleet.environments[environment].cluster).tool
    return "keep running, since no tool deletes them" if tool == "none" else "are deleted"


def _position(fleet: Fleet, project: str, environment: str) -> Position:
    spec = fleet.projects.get(project)
    stanza = spec.environments.get(environment) if spec is not None else None
    if stanza is not None and stanza.namespace is not None:
        return fleet.project_position(project, "environments", environment, "namespace")
    return fleet.platform_position("environments", environment, "namespace")
