"""G19: the memory of a share is a plain number, in the unit that the backend counts.

HAMi reads the limit as MiB in 32 bits: 3Gi is a number of bytes, which it takes for no limit at all. Volcano's plugin
and others count MiB, GiB or blocks in the same way. Only MetaX's vmemory may have a unit.

Passes:

    limits: {nvidia.com/gpu: 1, nvidia.com/gpumem: 3072}

Fails:

    limits: {nvidia.com/gpu: 1, nvidia.com/gpumem: 3Gi}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.card_resources import card_limits
from generator.checks.objects.containers import containers
from generator.checks.objects.violation import Violation
from generator.core.regex import regex
from generator.render.pod_templates import KINDS as _WORKLOADS
from generator.spec.values.quantity import amount

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext

ID: Final = "G19"
KINDS: Final = _WORKLOADS
_MEMORY: Final = regex(r"(?!metax-tech\.com/).*(?:gpumem|dcumem|gpu-mem|[-.]v?memory)\Z")
_DIGITS: Final = regex(r"[0-9]{1,9}\Z")
_MIB: Final = 1 << 20


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield a violation for each amount of a card's memory with a unit, or of more than nine digits."""
    for path, container in containers(tree):
        for name, value in card_limits(container).items():
            if _MEMORY.match(name) and not _DIGITS.match(str(value)):
                message = f"found {name}: {value}, expected a plain number"
                yield Violation(message, _hint(name, str(value)), (*path, "resources", "limits", name))


def _hint(name: str, value: str) -> str:
    size = amount(value)
    if size is None or not name.startswith(("nvidia.com/", "volcano.sh/", "hygon.com/", "amd.com/", "huawei.com/")):
        return "write the number in the backend's unit, or `resources: {gpu: …}` instead of the patch"
    return f"write {max(int(size) // _MIB, 1)}, in MiB"
