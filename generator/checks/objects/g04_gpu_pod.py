"""G04: a pod with a part of a card must be one that the part's scheduler takes.

HAMi's webhook leaves out pods that name another scheduler or a node, and refuses a share for a privileged container;
such a pod stays pending, because nodes do not count HAMi's memory and cores. Volcano's resources and KAI's shares are
assigned by their schedulers only, and KAI refuses a pod with a fraction and a whole card. servegen writes pods that
fit: a patch or an own template may change that.

Passes:

    schedulerName: hami-scheduler
    limits: {nvidia.com/gpu: 1, nvidia.com/gpucores: 20}

Fails:

    schedulerName: default-scheduler
    limits: {nvidia.com/gpu: 1, nvidia.com/gpucores: 20}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.violation import Violation
from generator.core.loose_values import to_map
from generator.render.pod_templates import KINDS as _WORKLOADS
from generator.render.pod_templates import pod_templates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext
    from generator.render.engine.shapes import SlotPath

ID: Final = "G04"
KINDS: Final = _WORKLOADS
_HAMI: Final = (
    *("nvidia.com/gpumem", "nvidia.com/gpumem-percentage", "nvidia.com/gpucores", "amd.com/gpumem", "amd.com/gpucores"),
    *("hygon.com/dcumem", "hygon.com/dcucores", "metax-tech.com/sgpu", "cambricon.com/vmlu"),
)
_VOLCANO: Final = "volcano.sh/vgpu-"
_KAI: Final = ("gpu-fraction", "gpu-memory")
_DEFAULT: Final = "default-scheduler"


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield what keeps the scheduler of a part of a card from a pod."""
    for path, template in pod_templates(tree):
        yield from _in_template(path, template)


def _in_template(path: SlotPath, template: Mapping[str, Any]) -> Iterator[Violation]:
    spec = to_map(template.get("spec"))
    containers = spec.get("containers")
    for index, container in enumerate(containers if isinstance(containers, list) else ()):
        limits = to_map(to_map(to_map(container).get("resources")).get("limits"))
        at = (*path, "spec", "containers", index)
        if any(name in limits for name in _HAMI):
            yield from _hami((*path, "spec"), spec, at, to_map(container))
        if any(name.startswith(_VOLCANO) for name in limits) and spec.get("schedulerName", _DEFAULT) == _DEFAULT:
            hint = "write schedulerName: volcano"
            yield Violation("the default scheduler does not assign Volcano's shares of a card", hint, at)
        annotations = to_map(to_map(template.get("metadata")).get("annotations"))
        share = next((name for name in _KAI if name in annotations), None)
        where = (*path, "metadata", "annotations", share or "")
        if share is not None and spec.get("schedulerName", _DEFAULT) == _DEFAULT and not index:
            hint = "write schedulerName: kai-scheduler"
            yield Violation("the default scheduler does not know KAI's shares of a card", hint, where)
        if share is not None and "nvidia.com/gpu" in limits:
            message = f"the annotation {share} asks KAI for a part of a card, and nvidia.com/gpu for whole ones"
            yield Violation(message, "remove one of the two", where)


def _hami(path: SlotPath, spec: Mapping[str, Any], at: SlotPath, container: Mapping[str, Any]) -> Iterator[Violation]:
    if "nodeName" in spec:
        message = "HAMi assigns no share of a card to a pod with nodeName"
        yield Violation(message, "remove nodeName; a node selector chooses nodes", (*path, "nodeName"))
    if spec.get("schedulerName") == _DEFAULT:
        message = "the default scheduler does not know HAMi's shares of a card, so that the pod stays pending"
        yield Violation(message, "remove schedulerName: default-scheduler", (*path, "schedulerName"))
    if to_map(container.get("securityContext")).get("privileged") is True:
        message = "HAMi refuses a share of a card for a privileged container, which would see all cards"
        yield Violation(message, "remove privileged", (*at, "securityContext", "privileged"))
