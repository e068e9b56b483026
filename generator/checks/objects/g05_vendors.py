"""G05: one container asks for the cards of one vendor.

No node has the cards of two vendors, and no image the drivers for both: the pod stays pending.

Passes:

    limits: {nvidia.com/gpu: 1, nvidia.com/gpucores: 20}

Fails:

    limits: {nvidia.com/gpu: 1, huawei.com/Ascend910B3: 1}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.violation import Violation
from generator.render.pod_templates import KINDS as _WORKLOADS
from generator.render.pod_templates import pod_templates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext
    from generator.render.engine.shapes import SlotPath

ID: Final = "G05"
KINDS: Final = _WORKLOADS
# The domains of the resources that device plugins count, by vendor of the card.
_VENDORS: Final = {
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


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield a violation for each container with the cards of two vendors."""
    for path, template in pod_templates(tree):
        yield from _in_template(path, template)


def _in_template(path: SlotPath, template: Mapping[str, Any]) -> Iterator[Violation]:
    spec = template.get("spec")
    containers = spec.get("containers") if isinstance(spec, dict) else None
    for index, container in enumerate(containers if isinstance(containers, list) else ()):
        resources = container.get("resources") if isinstance(container, dict) else None
        limits = resources.get("limits") if isinstance(resources, dict) else None
        names = [name for name, count in (limits or {}).items() if str(count) != "0"]
        found = {_VENDORS[domain]: name for name in names if (domain := name.partition("/")[0]) in _VENDORS}
        if len(found) > 1:
            message = f"the container asks for cards of {' and '.join(found)}: {', '.join(found.values())}"
            where = (*path, "spec", "containers", index, "resources", "limits", list(found.values())[-1])
            yield Violation(message, "keep those of one vendor", where)
