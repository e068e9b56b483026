"""A06: a project may lower the quota that its environment gives, and raise it up to its grant.

A quota keeps one project from taking the machines of all others.

Passes, with `quota: {gpu: 4}` in the environment, and with the grant `vision: {quota: {gpu: 8}}`:

    # services/vision/project.yaml
    environments: {prod: {quota: {gpu: 8}}}

Fails, without the grant:

    # services/vision/project.yaml
    environments: {prod: {quota: {gpu: 8}}}
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from generator.checks.grants.need import Need, report
from generator.core.finding import Severity
from generator.fleet.grants import GrantBook
from generator.fleet.namespaces import RESOURCES
from generator.spec.values.quantity import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.finding import Finding

ID: Final = "A06"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each key of a project's quota that is above what the environment or the grant allows."""
    fleet, book = context.fleet, GrantBook(context.fleet)
    for project, spec in fleet.projects.items():
        granted = book.grant(project).quota
        for name, stanza in spec.environments.items():
            common = fleet.environments[name].quota if name in fleet.environments else None
            own = stanza.quota if stanza is not None else None
            for key in RESOURCES if own is not None else ():
                wanted = getattr(own, key)
                bounds = [getattr(quota, key) for quota in (granted, common) if quota is not None]
                bound = next((value for value in bounds if value is not None), None)
                if wanted is not None and bound is not None and _size(wanted) > _size(bound):
                    need = Need("quota", f"{key}: {wanted}", f"the quota {key}: {wanted}", f"write {key}: {bound}")
                    position = fleet.project_position(project, "environments", name, "quota", key)
                    yield report(ID, need, project, position)


def _size(value: str | int) -> Decimal:
    return amount(value) or Decimal(0)
