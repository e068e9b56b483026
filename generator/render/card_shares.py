"""Cards in the requests of a pod: the names of resources that GPU backends use, and what an amount of each means.

Sources: HAMi, docs/ and pkg/device/nvidia (percent and MiB of each card; a card alone is the whole card); Volcano, How
to use Volcano vGPU; tkestack/gpu-manager and TKE qGPU (100 is a card; memory in 256 MiB and GiB); Aliyun gpushare
(GiB); KAI scheduler, docs/gpu-sharing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.fleet.capacity.pods import CardShare

if TYPE_CHECKING:
    from collections.abc import Mapping

_WHOLE: Final = 100
# Cards, or parts of cards that the device plugin counts as cards.
_COUNTS: Final = frozenset({"nvidia.com/gpu", "nvidia.com/gpu.shared", "amd.com/gpu", "volcano.sh/vgpu-number"})
# Percent of the cores of each card.
_CORES: Final = frozenset(
    {"nvidia.com/gpucores", "amd.com/gpucores", "volcano.sh/vgpu-cores", "aliyun.com/gpu-core.percentage"}
)
# Percent of cores in sum: 200 are two cards.
_CORES_IN_SUM: Final = frozenset({"tencent.com/vcuda-core", "tke.cloud.tencent.com/qgpu-core"})
# The MiB in a unit of memory of each card.
_MEMORY: Final[Mapping[str, int]] = {
    "nvidia.com/gpumem": 1,
    "amd.com/gpumem": 1,
    "volcano.sh/vgpu-memory": 1,
    "aliyun.com/gpu-mem": 1024,
    "tencent.com/vcuda-memory": 256,
    "tke.cloud.tencent.com/qgpu-memory": 1024,
}
_MEMORY_PERCENT: Final = frozenset({"nvidia.com/gpumem-percentage", "volcano.sh/vgpu-memory-percentage"})
_KAI_FRACTION: Final = "gpu-fraction"
_KAI_MEMORY: Final = "gpu-memory"


def card_share(
    amounts: Mapping[str, int], annotations: Mapping[str, Any], counted: str | None
) -> tuple[CardShare | None, frozenset[str]]:
    """Return the cards that a pod requests, and the names of the resources that say so.

    `counted` is the resource by which the cluster's backend counts cards, beside those that are known here.
    """
    counts = _COUNTS | ({counted} if counted and counted not in _CORES_IN_SUM and counted not in _MEMORY else set())
    known = counts | _CORES | _CORES_IN_SUM | _MEMORY.keys() | _MEMORY_PERCENT
    used = frozenset(amounts.keys() & known)
    if not used:
        return _of_kai(annotations), used
    in_sum = sum(amounts[name] for name in used & _CORES_IN_SUM)
    number = max(sum(amounts[name] for name in used & counts), in_sum // _WHOLE, 1)
    memory = sum(amounts[name] * _MEMORY[name] for name in used & _MEMORY.keys()) or None
    percent = sum(amounts[name] for name in used & _MEMORY_PERCENT)
    if memory is not None and used & _CORES_IN_SUM:
        memory = memory // number  # theirs is in sum, too
    cores = sum(amounts[name] for name in used & _CORES) or (in_sum // number if in_sum else 0)
    if not cores and memory is None and percent in (0, _WHOLE):
        cores = _WHOLE
    return CardShare(number, min(cores, _WHOLE), memory, percent or (0 if memory else _WHOLE)), used


def _of_kai(annotations: Mapping[str, Any]) -> CardShare | None:
    """Return the share of KAI scheduler's annotations."""
    try:
        if _KAI_FRACTION in annotations:
            percent = -(-round(float(annotations[_KAI_FRACTION]) * 10_000) // 100)
            return CardShare(1, percent, None, percent)
        if _KAI_MEMORY in annotations:
            return CardShare(1, 0, int(annotations[_KAI_MEMORY]))
    except (TypeError, ValueError, OverflowError):
        pass
    return None
