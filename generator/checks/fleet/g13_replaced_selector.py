"""G13: a node selector must not replace the label by which the cluster finds the card.

The node profile of the cluster selects nodes by labels, such as `gpu-type` of the profile cube. A `node_selector` with
the same label and another value replaces it, and the pods start on another card than the one that they ask for.

Passes, on a cluster with `nodes: cube`:

    resources: {gpu: 1(T4)}
    node_selector: {org: public}

Fails:

    resources: {gpu: 1(T4)}
    node_selector: {gpu-type: V100}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.placements import Placements, requested_gpu
from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "G13"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each label of a node selector that replaces one of the card's."""
    placements = Placements(context.fleet)
    for instance in context.fleet.all_instances():
        own = instance.settings.node_selector
        if not own or requested_gpu(instance) is None:
            continue
        for label, value in placements.of(instance).node_selector.items():
            if own.get(label, value) != value:
                message = f"found {label}: {own[label]}, which replaces the {label}: {value} of the card's nodes"
                hint = "remove it, and name the card in `resources: {gpu: …}`"
                place, here = instance.position("node_selector", label), (instance.environment.name,)
                also = (instance.position("resources", "gpu"),)
                yield Finding(ID, message, place, hint, also=also, environments=here)
