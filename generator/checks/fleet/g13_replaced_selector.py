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

from generator.checks.fleet.patched import below
from generator.checks.fleet.placements import requested_gpu
from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.context import CheckContext
    from generator.core.yaml import Path
    from generator.fleet.model import ServiceInstance

ID: Final = "G13"
SEVERITY: Final = Severity.ERROR
_PATH: Final = ("spec", "template", "spec", "nodeSelector")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each label of a node selector that replaces one of the card's."""
    placements = context.placements
    for instance in context.instances:
        settings = instance.settings
        if requested_gpu(instance) is None or not (settings.node_selector or settings.patches):
            continue
        card = placements.of(instance).node_selector
        yield from _found(instance, card, settings.node_selector or {}, ("node_selector",))
        for index, patch in enumerate(settings.patches or ()):
            own = below(patch, *_PATH)
            if patch.get("kind") == "Deployment" and isinstance(own, dict):
                yield from _found(instance, card, own, ("patches", index, *_PATH))


def _found(
    instance: ServiceInstance, card: Mapping[str, str], own: Mapping[str, object], path: Path
) -> Iterator[Finding]:
    for label, value in card.items():
        if own.get(label, value) not in (value, None):
            message = f"found {label}: {own[label]}, which replaces the {label}: {value} of the card's nodes"
            hint = "remove it, and name the card in `resources: {gpu: …}`"
            also, here = (instance.position("resources", "gpu"),), (instance.environment.name,)
            yield Finding(ID, message, instance.position(*path, label), hint, also=also, environments=here)
