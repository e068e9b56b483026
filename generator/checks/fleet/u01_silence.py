"""U01: `silence` names alerts that exist.

An alert that a name does not meet still fires, and nothing says that it was meant.

Passes:

    silence: Restarts,OutOfMemory

Fails:

    silence: Restart
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.spec.values.text import closest, list_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "U01"
SEVERITY: Final = Severity.ERROR
_ALL: Final = "all"


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each name in `silence` that no alert has."""
    silenced = [instance for instance in context.instances if instance.settings.silence]
    if not silenced:
        return
    from generator.render.views.rules import ALERTS  # what renders alerts: most fleets silence none

    files = context.fleet.catalog.alerts.values()
    known = sorted({_ALL, *ALERTS, *(name for file in files for name in file.alerts)})
    for instance in silenced:
        for name in instance.settings.silence or ():
            if name not in known:
                hint = closest(name.removeprefix("Servegen"), known) or list_known("alerts", known)
                message = f'found the alert "{name}" in `silence`, expected one that exists'
                place = instance.position("silence")
                yield Finding(ID, message, place, hint, environments=(instance.environment.name,))
