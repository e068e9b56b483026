"""PriorityClasses, which `priority` of services names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.render.cluster.part import Part
from generator.render.views.service import MANAGED_BY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.render.cluster.part import Site

FILE: Final = "priorityclasses.yaml"
TEMPLATE: Final = "platform/priorityclass.yaml.j2"


def parts(site: Site) -> Iterator[Part]:
    """The PriorityClasses of a cluster."""
    for name, priority in (site.facts.priorities or {}).items():
        values = {
            "name": name,
            "labels": MANAGED_BY,
            "value": priority.value,
            "preemption_policy": priority.preemption,
            "description": priority.description,
        }
        origin = site.entry("priorities", name)
        yield Part(TEMPLATE, {"priority": values}, None, site.environment, origin)
