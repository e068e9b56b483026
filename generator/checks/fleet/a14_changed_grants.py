"""A14: a change of `grants` is for the owners of the platform file to decide.

`validate --base REV` judges a change by the grants of REV, so that nobody can grant something to himself. Merge the
change of the grants first, and then what uses it. If REV has no grants at all, those of the change are used.

Passes:

    # grants that are the same as in REV
    grants: {vision: {domains: [vision.example.com]}}

Fails, with a warning, if REV has the grants above:

    grants: {vision: {domains: [vision.example.com], namespaces: [argocd]}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.spec.files import PLATFORM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "A14"
SEVERITY: Final = Severity.WARNING
_HINT: Final = f"ask the owners of {PLATFORM}; what needs a new grant can follow when this is merged"


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each project whose grants differ from those of the base."""
    before = context.base.platform if context.base is not None else None
    if before is None:
        return
    old, new = before[1].grants or {}, context.fleet.platform.grants or {}
    for project in sorted({**old, **new}):
        if old.get(project) != new.get(project):
            change = "changed" if project in old and project in new else "removed" if project in old else "new"
            position = context.fleet.platform_position("grants", project)
            whose = "all projects" if project == "*" else project
            yield Finding(ID, f"the grants of {whose} are {change}", position, _HINT, SEVERITY)
