"""F07: an app that is recorded as retired must have no services.

The record in the project file permits the app to disappear from the rendered tree. If the app had services again, it
would be delivered, and could disappear again without a finding.

Passes, where services/vision/detector/ has no spec:

    retired: {detector: 2026-11-23}

Fails, where services/vision/detector/detector-1.yaml is there:

    retired: {detector: 2026-11-23}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "F07"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each retired app that has services."""
    apps = context.fleet.apps()
    for project, spec in context.fleet.projects.items():
        for app in spec.retired:
            services = apps.get((project, app), [])
            if services:
                message = f"the app {project}/{app} is retired, but has the service {services[0].name}"
                position = context.fleet.project_position(project, "retired", app)
                hint = f"remove {app} from `retired`, because it is in use"
                yield Finding(
                    ID, message, position, hint, also=tuple(service.document.position() for service in services)
                )
