"""F06: no app, and no environment of an app, disappears by accident.

The folder of an app in an environment is what Argo CD or Flux sync. When it goes, so does the Application, and whether
the pods go too depends on settings that nobody looks at then. So the services leave first, by a written null: the
folder stays, and the tool lets them go. An app goes by `servegen retire`, which notes it in the project file. Without
a base revision nothing is judged.

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

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import Fleet, ServiceEntry

ID: Final = "F06"
SEVERITY: Final = Severity.ERROR

App = tuple[str, str]


def check(context: CheckContext) -> Iterator[Finding]:
    """What had services in the base and is named by no spec any more."""
    if context.base is None:
        return
    apps = context.fleet.apps()
    for app, services in _apps(context.base.services).items():
        names = {service.name for service in services}
        if app not in apps and not names & context.fleet.unread:
            yield from _app(context.fleet, app)
        elif not names & context.fleet.unread:
            yield from _environments(apps[app], services)


def _app(fleet: Fleet, app: App) -> Iterator[Finding]:
    project, name = app
    spec = fleet.projects.get(project)
    if spec is not None and name in spec.retired:
        return
    message = f"this change removes all specs of the app {project}/{name}, and its Argo CD or Flux objects with them"
    position = fleet.project_position(project) if spec is not None else fleet.platform_position()
    hint = f"restore its specs and run `servegen retire {project}/{name}`, or add {name} to `retired`"
    yield Finding(ID, message, position, f"{hint} in services/{project}/project.yaml")


def _environments(now: list[ServiceEntry], before: Iterable[ServiceEntry]) -> Iterator[Finding]:
    """A null in the base is no service: its key may go."""
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
        hint = f"write `{environment}: null` under `environments`, or run `servegen undeploy {name} {environment}`"
        yield Finding(ID, message, first.document.position(("environments",)), hint)


def _apps(services: Iterable[ServiceEntry]) -> dict[App, list[ServiceEntry]]:
    out: dict[App, list[ServiceEntry]] = {}
    for service in services:
        out.setdefault((service.project, service.app), []).append(service)
    return out
