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
from generator.spec.values.quantity import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.render.cluster.manifest_input import ClusterContext
    from generator.spec.gpu_facts import CardResource

FILE: Final = "resourcequotas.yaml"
TEMPLATE: Final = "platform/resourcequota.yaml.j2"


def parts(site: ClusterContext) -> Iterator[ManifestInput]:
    """Yield the ResourceQuotas of the namespaces that have one."""
    card = site.objects.placements.card_resource(site.facts)
    names = hard_names(card)
    for space in site.spaces:
        written = quota_entries(site.fleet, space)
        hard: dict[str, Any] = {
            names[key]: _value(key, str(bound.value), card) for key, bound in written.items() if key in names
        }
        if hard:
            values = {"name": "servegen", "labels": MANAGED_BY, "hard": hard}
            first = next(iter(written.values()))
            origin = ClusterEntry(site.name, first.document, first.path[:-1])
            yield ManifestInput(TEMPLATE, {"quota": values}, space.name, space.environment, origin)


def hard_names(card: CardResource | None) -> dict[str, str]:
    """Return the name that Kubernetes has for each key of a quota.

    `card` is the resource that counts cards; if it is None, `gpu` has no name.
    """
    common = {"cpu": "requests.cpu", "memory": "requests.memory", "pods": "pods"}
    return common if card is None else {**common, "gpu": f"requests.{card.name}"}


def _value(key: str, written: str, card: CardResource | None) -> str:
    """Return the value of a key as Kubernetes counts it: some backends count parts of a card."""
    found = amount(written) if key == "gpu" and card is not None and card.units > 1 else None
    return written if found is None or card is None else format(found * card.units, "f")
