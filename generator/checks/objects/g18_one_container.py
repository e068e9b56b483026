"""G18: one container of a pod has its cards.

The model server uses the cards. A second container with a card takes another one, which the server does not see, and
KAI gives a share to the first container if the annotation gpu-fraction-container-name names none.

Passes:

    containers: [{name: main, resources: {limits: {nvidia.com/gpu: 1}}}, {name: proxy}]

Fails:

    containers: [{name: main, resources: {limits: {nvidia.com/gpu: 1}}},
                 {name: proxy, resources: {limits: {nvidia.com/gpu: 1}}}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.card_resources import card_limits
from generator.checks.objects.containers import containers
from generator.checks.objects.violation import Violation
from generator.core.loose_values import to_map
from generator.render.pod_templates import KINDS as _WORKLOADS
from generator.render.pod_templates import pod_templates
from generator.render.views.context import CONTAINER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext
    from generator.render.engine.shapes import SlotPath

ID: Final = "G18"
KINDS: Final = _WORKLOADS
_KAI: Final = ("gpu-fraction", "gpu-memory")
_NAME: Final = "gpu-fraction-container-name"


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield a violation for each further container with cards, and for a share of KAI without a container."""
    running = [(path, container) for path, container in containers(tree) if path[-2] == "containers"]
    for at, template in pod_templates(tree):
        yield from _in_template(at, template, [one for one in running if one[0][: len(at)] == at])


def _in_template(
    at: SlotPath, template: Mapping[str, Any], running: list[tuple[SlotPath, Mapping[str, Any]]]
) -> Iterator[Violation]:
    with_cards = [(path, container) for path, container in running if card_limits(container)]
    with_cards.sort(key=lambda one: one[1].get("name") != CONTAINER)  # the server's container has its cards by right
    for path, container in with_cards[1:]:
        message = f"the container {container.get('name')} asks for cards beside another container"
        hint = "keep the cards of the container with the model server"
        yield Violation(message, hint, (*path, "resources", "limits", next(iter(card_limits(container)))))
    annotations = to_map(to_map(template.get("metadata")).get("annotations"))
    share = next((name for name in _KAI if name in annotations), None)
    if share is not None and _NAME not in annotations and len(running) > 1:
        message = f"KAI gives the share of the annotation {share} to the first of {len(running)} containers"
        yield Violation(message, f"add the annotation {_NAME}: main", (*at, "metadata", "annotations", share))
