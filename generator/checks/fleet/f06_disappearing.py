"""F06: no app, and no environment of an app, may disappear by accident.

Argo CD and Flux sync the folder of an app in an environment. When the folder is deleted, so is the Application, and
whether its pods are deleted too depends on settings that are easily overlooked at that moment. Therefore remove the
services first, by setting the environment to null: the folder stays, and the tool deletes their objects. Remove an app
with `servegen retire`, which records it in the project file. Without a base revision nothing is checked.

Passes, where a service of the app was in prod:

    environments:
      test:
      prod: null

Fails:

    environments:
      test:
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity, subject_of_app

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import Fleet, ServiceEntry

ID: Final = "F06"
SEVERITY: Final = Severity.ERROR
# With the specs of the app went the versions that they name.
SUPERSEDES: Final = ("C21",)

App = tuple[str, str]


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each app, or environment of one, that specs named in the base revision and no longer name."""
    if context.base is None:
        return
    apps = context.fleet.apps()
    for app, services in _apps(context.base.services).items():
        names = {service.name for service in services}
        if app not in apps and not names & context.fleet.damage.absent:
            yield from _app(context.fleet, app)
        elif not names & context.fleet.damage.absent:
            yield from _environments(apps[app], services)


def _app(fleet: Fleet, app: App) -> Iterator[Finding]:
    project, name = app
    spec = fleet.projects.get(project)
    if spec is not None and name in spec.retired:
        return
    message = f"this change removes all specs of the app {project}/{name}, and its Argo CD or Flux objects with them"
    position = fleet.project_position(project) if spec is not None else fleet.platform_position()
    hint = f"restore its specs and run `servegen retire {project}/{name}`, or add {name} to `retired`"
    hint += f" in services/{project}/project.yaml"
    yield Finding(ID, message, position, hint, subject=subject_of_app(project, name))


def _environments(now: list[ServiceEntry], before: Iterable[ServiceEntry]) -> Iterator[Finding]:
    """Yield an error for each environment that no service of the app names any more.

    A null in the base revision is no service, so its key may be removed.
    """
    named = {environment for service in now for environment in service.spec.environments}
    first = now[0]
    gone: dict[str, str] = {}
    for service in before:
        for environment, release in service.spec.environments.items():
            if release is not None and environment not in named:
                gone.setdefault(environment, service.name)
    for environment, name in gone.items():
        message = (
            f"no spec of the app {first.project}/{first.app} names {environment} any more; {name} was deployed there"
        )
        hint = f"write `{environment}: null` under `environments`, as `servegen undeploy` does"
        yield Finding(ID, message, first.document.position(("environments",)), hint)


def _apps(services: Iterable[ServiceEntry]) -> dict[App, list[ServiceEntry]]:
    out: dict[App, list[ServiceEntry]] = {}
    for service in services:
        out.setdefault((service.project, service.app), []).append(service)
    return out
