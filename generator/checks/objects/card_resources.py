"""The extended resources by which a container asks for cards or shares of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# The domains of the resources that device plugins count, by vendor of the card.
VENDORS: Final = {
    "nvidia.com": "NVIDIA",
    "volcano.sh": "NVIDIA",
    "tencent.com": "NVIDIA",
    "tke.cloud.tencent.com": "NVIDIA",
    "aliyun.com": "NVIDIA",
    "amd.com": "AMD",
    "huawei.com": "Huawei",
    "hygon.com": "Hygon",
    "cambricon.com": "Cambricon",
    "metax-tech.com": "MetaX",
    "enflame.com": "Enflame",
    "mthreads.com": "Moore Threads",
    "iluvatar.ai": "Iluvatar",
    "kunlunxin.com": "Kunlunxin",
}


def card_limits(container: Mapping[str, Any]) -> dict[str, Any]:
    """Return the limits of a container on resources of cards that are not 0, by name."""
    resources = container.get("resources")
    limits = resources.get("limits") if isinstance(resources, dict) else None
    found = limits if isinstance(limits, dict) else {}
    return {name: value for name, value in found.items() if domain_of(name) in VENDORS and str(value) != "0"}


def domain_of(resource: str) -> str:
    """Return the domain of a resource's name."""
    return str(resource).partition("/")[0]
