"""The dashboards of a cluster, as ConfigMaps for the sidecar of Grafana's chart, or as files.

A ConfigMap holds at most 1 MiB, so each dashboard has its own. Source: Grafana's chart, sidecar.dashboards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.regex import regex
from generator.render.cluster.manifest_input import ManifestInput
from generator.render.dashboards.boards import boards
from generator.render.dashboards.grafana import text
from generator.render.dashboards.names import digest
from generator.render.views.service import MANAGED_BY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.render.cluster.manifest_input import ClusterContext
    from generator.spec.monitoring import MonitoringFacts

FILE: Final = "dashboards.yaml"
FOLDER: Final = "dashboards"
TEMPLATE: Final = "monitoring/dashboard.yaml.j2"
_REFUSED: Final = regex(r"[^a-z0-9]+")


def parts(site: ClusterContext) -> Iterator[ManifestInput]:
    """Yield a ConfigMap for each dashboard of a cluster that has them in this form."""
    facts = site.facts.monitoring
    if facts is None or facts.dashboards is None or not has_objects(facts):
        return
    for board in boards(site):
        values = {
            "name": f"servegen-dashboard-{_object_name(board.name)}",
            "labels": {**MANAGED_BY, **facts.dashboards.labels},
            "files": {f"servegen-{board.name}.json": text(board)},
        }
        origin = site.entry("monitoring", "dashboards")
        yield ManifestInput(TEMPLATE, {"dashboard": values}, facts.namespace, site.environment, origin)


def _object_name(board: str) -> str:
    """Return the name of a dashboard as a part of an object's name, which has fewer letters."""
    name = _REFUSED.sub("-", board.lower()).strip("-")
    return name if name == board else f"{name}-{digest(board)}"


def has_objects(facts: MonitoringFacts) -> bool:
    """Return whether dashboards are objects of the cluster."""
    return facts.dashboards is not None and facts.dashboards.kind == "ConfigMap"


def files(site: ClusterContext) -> dict[str, str]:
    """Return the dashboards of a cluster that has them as files: text by path below the folder of the cluster."""
    facts = site.facts.monitoring
    if facts is None or facts.dashboards is None or facts.dashboards.kind != "files":
        return {}
    return {f"{FOLDER}/{board.name}.json": text(board) for board in boards(site)}
