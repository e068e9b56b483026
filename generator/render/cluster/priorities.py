"""PriorityClasses, which services reference with `priority`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.render.cluster.manifest_input import ManifestInput
from generator.render.views.service import MANAGED_BY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.render.cluster.manifest_input import ClusterContext

FILE: Final = "priorityclasses.yaml"
TEMPLATE: Final = "platform/priorityclass.yaml.j2"


def parts(site: ClusterContext) -> Iterator[ManifestInput]:
    """Yield the PriorityClasses of a cluster."""
    for name, priority in (site.facts.priorities or {}).items():
        values = {
            "name": name,
            "labels": MANAGED_BY,
            "value": priority.value,
            "preemption_policy": priority.preemption,
            "description": priority.description,
        }
        origin = site.entry("priorities", name)
        yield ManifestInput(TEMPLATE, {"priority": values}, None, site.environment, origin)
