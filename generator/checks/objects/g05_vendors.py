"""G05: one container asks for the cards of one vendor.

No node has the cards of two vendors, and no image the drivers for both: the pod stays pending.

Passes:

    limits: {nvidia.com/gpu: 1, nvidia.com/gpucores: 20}

Fails:

    limits: {nvidia.com/gpu: 1, huawei.com/Ascend910B3: 1}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.card_resources import VENDORS, card_limits, domain_of
from generator.checks.objects.containers import containers
from generator.checks.objects.violation import Violation
from generator.render.pod_templates import KINDS as _WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext

ID: Final = "G05"
KINDS: Final = _WORKLOADS


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield a violation for each container with the cards of two vendors."""
    for at, container in containers(tree):
        found = {VENDORS[domain_of(name)]: name for name in card_limits(container)}
        if len(found) > 1:
            message = f"the container asks for cards of {' and '.join(found)}: {', '.join(found.values())}"
            where = (*at, "resources", "limits", list(found.values())[-1])
            yield Violation(message, "keep those of one vendor", where)
