"""G40: a card is asked for with `resources.gpu`, which also shows it to the container.

servegen writes `NVIDIA_VISIBLE_DEVICES: void` for a service without `gpu`, since images for CUDA would see all cards of
the node otherwise. A card that only a patch asks for is reserved and not seen, and neither quota nor capacity count it.

Passes:

    resources: {gpu: 1(T4)}

Fails:

    patches:
      - kind: Deployment
        spec: {template: {spec: {containers: [{name: main, resources: {limits: {nvidia.com/gpu: 1}}}]}}}

Source: NVIDIA Container Toolkit, Environment variables: with `void` the container gets no card.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.card_resources import card_limits, domain_of
from generator.checks.objects.containers import containers, variables
from generator.checks.objects.violation import Violation
from generator.core.finding import Severity
from generator.render.pod_templates import KINDS as KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext

ID: Final = "G40"
_VENDOR: Final = "nvidia.com"
_HIDDEN: Final = ("NVIDIA_VISIBLE_DEVICES", "void")


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield a warning for each container that asks for cards of NVIDIA which are hidden from it."""
    for path, container in containers(tree):
        name = next((name for name in card_limits(container) if domain_of(name) == _VENDOR), None)
        if name is not None and any((variable, text) == _HIDDEN for _, variable, text in variables(container)):
            message = f"it asks for {name}, and {'='.join(_HIDDEN)} hides all cards from it"
            hint = "write `resources: {gpu: 1}` with the card, instead of the patch"
            yield Violation(message, hint, (*path, "resources", "limits", name), Severity.WARNING)
