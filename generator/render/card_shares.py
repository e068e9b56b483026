"""Cards in the requests of a pod: the names of resources that GPU backends use, and what an amount of each means.

Sources: HAMi, docs/ and pkg/device/ (percent and MiB of each card, of Cambricon blocks of 256 MiB, of MetaX bytes; a
card alone is the whole card; the memory of an Ascend card is its resource with `-memory`); Volcano, How to use Volcano
vGPU; tkestack/gpu-manager and TKE qGPU (100 is a card; memory in 256 MiB and GiB); Aliyun gpushare (GiB); KAI
scheduler, docs/gpu-sharing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.fleet.capacity.pods import CardShare

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_WHOLE: Final = 100
# Cards, or parts of cards that the device plugin counts as cards.
_COUNTS: Final = frozenset(
    {
        "nvidia.com/gpu",
        "nvidia.com/gpu.shared",
        "amd.com/gpu",
        "volcano.sh/vgpu-number",
        "hygon.com/dcu",
        "hygon.com/dcunum",
        "cambricon.com/mlu",
        "cambricon.com/vmlu",
        "metax-tech.com/gpu",
        "metax-tech.com/sgpu",
    }
)
# Percent of the cores of each card.
_CORES: Final = frozenset(
    {
        "nvidia.com/gpucores",
        "amd.com/gpucores",
        "volcano.sh/vgpu-cores",
        "aliyun.com/gpu-core.percentage",
        "hygon.com/dcucores",
        "cambricon.com/mlu.smlu.vcore",
        "metax-tech.com/vcore",
    }
)
# Percent of cores in sum: 200 are two cards.
_CORES_IN_SUM: Final = frozenset({"tencent.com/vcuda-core", "tke.cloud.tencent.com/qgpu-core"})
# The bytes in a unit of memory of each card.
_MIB: Final = 2**20
_MEMORY: Final[Mapping[str, int]] = {
    "nvidia.com/gpumem": _MIB,
    "amd.com/gpumem": _MIB,
    "hygon.com/dcumem": _MIB,
    "volcano.sh/vgpu-memory": _MIB,
    "aliyun.com/gpu-mem": 1024 * _MIB,
    "tencent.com/vcuda-memory": 256 * _MIB,
    "cambricon.com/mlu.smlu.vmemory": 256 * _MIB,
    "tke.cloud.tencent.com/qgpu-memory": 1024 * _MIB,
    "metax-tech.com/vmemory": 1,
}
_ASCEND: Final = "huawei.com/"
_ASCEND_MEMORY: Final = "-memory"
_MEMORY_PERCENT: Final = frozenset({"nvidia.com/gpumem-percentage", "volcano.sh/vgpu-memory-percentage"})
_KAI_FRACTION: Final = "gpu-fraction"
_KAI_MEMORY: Final = "gpu-memory"


def card_share(
    amounts: Mapping[str, int], annotations: Mapping[str, Any], counted: Collection[str]
) -> tuple[CardShare | None, frozenset[str]]:
    """Return the cards that a pod requests, and the names of the resources that say so.

    `counted` are the resources by which the cluster's backend counts cards, beside those that are known here.
    """
    counts, memories = _counts(counted), _memories(counted)
    known = counts | _CORES | _CORES_IN_SUM | memories.keys() | _MEMORY_PERCENT
    used = frozenset(amounts.keys() & known)
    if not used:
        return _of_kai(annotations), used
    in_sum = sum(amounts[name] for name in used & _CORES_IN_SUM)
    number = max(sum(amounts[name] for name in used & counts), in_sum // _WHOLE, 1)
    memory = -(-sum(amounts[name] * memories[name] for name in used & memories.keys()) // _MIB) or None
    percent = sum(amounts[name] for name in used & _MEMORY_PERCENT)
    if memory is not None and used & _CORES_IN_SUM:
        memory = memory // number  # theirs is in sum, too
    cores = sum(amounts[name] for name in used & _CORES) or (in_sum // number if in_sum else 0)
    if not cores and memory is None and percent in (0, _WHOLE):
        cores = _WHOLE
    return CardShare(number, min(cores, _WHOLE), memory, percent or (0 if memory else _WHOLE)), used


def find_unit(names: Iterable[str], counted: Collection[str]) -> str | None:
    """Return the first of some resources that counts cards, or None if none does."""
    units = _counts(counted) | _CORES_IN_SUM
    return next((name for name in names if name in units), None)


def _counts(counted: Collection[str]) -> frozenset[str]:
    return _COUNTS | {name for name in counted if name not in _CORES_IN_SUM and name not in _MEMORY}


def _memories(counted: Collection[str]) -> dict[str, int]:
    own = {f"{name}{_ASCEND_MEMORY}": _MIB for name in counted if name.startswith(_ASCEND)}
    return {**_MEMORY, **own}


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
