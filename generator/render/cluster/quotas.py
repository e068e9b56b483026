"""ResourceQuotas: limits on the total requests of all pods of a namespace.

They limit requests, which all pods of servegen have, and never limits; a quota on an extended resource can be on
requests only (Kubernetes documentation, Resource Quotas).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.fleet.model import ClusterEntry
from generator.fleet.namespaces import quota_entries
from generator.render.cluster.manifest_input import ManifestInput
from generator.render.views.service import MANAGED_BY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.render.cluster.manifest_input import ClusterContext

FILE: Final = "resourcequotas.yaml"
TEMPLATE: Final = "platform/resourcequota.yaml.j2"


def parts(site: ClusterContext) -> Iterator[ManifestInput]:
    """Yield the ResourceQuotas of the namespaces that have one."""
    names = hard_names(site.objects.placements.card_resource(site.facts))
    for space in site.spaces:
        written = quota_entries(site.fleet, space)
        hard: dict[str, Any] = {names[key]: str(bound.value) for key, bound in written.items() if key in names}
        if hard:
            values = {"name": "servegen", "labels": MANAGED_BY, "hard": hard}
            first = next(iter(written.values()))
            origin = ClusterEntry(site.name, first.document, first.path[:-1])
            yield ManifestInput(TEMPLATE, {"quota": values}, space.name, space.environment, origin)


def hard_names(card: str | None) -> dict[str, str]:
    """Return the name that Kubernetes has for each key of a quota.

    `card` is the resource name of a whole card; if it is None, `gpu` has no name.
    """
    common = {"cpu": "requests.cpu", "memory": "requests.memory", "pods": "pods"}
    return common if card is None else {**common, "gpu": f"requests.{card}"}
