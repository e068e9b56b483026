"""S09: files in memory count against the memory of the container, so that they should leave some for the server.

A volume of kind (memory), such as /dev/shm, is a part of the memory limit. If its size is not below the limit, filling
it ends the container (Kubernetes documentation, Volumes, emptyDir). Patches count too: one that adds such a volume, and
one that lowers the limit.

Passes:

    volumes: 2G(memory):/dev/shm
    resources: {memory: 8G}

Fails:

    volumes: 10G(memory):/dev/shm
    resources: {memory: 8G}
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from generator.checks.fleet.patched import apply_patches, below, deployment, items_below
from generator.core.finding import Finding, Severity
from generator.render.views.context import CONTAINER
from generator.spec.values.quantity import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.render.engine.shapes import Tree

ID: Final = "S09"
SEVERITY: Final = Severity.WARNING
_POD: Final = ("spec", "template", "spec")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each service whose volumes in memory may take all of it."""
    for instance in context.instances:
        sizes = [volume.source for volume in instance.settings.volumes or () if volume.kind == "memory"]
        memory = instance.settings.resources.memory if instance.settings.resources is not None else None
        limit = memory.limit if memory is not None else ""
        if _is_too_much(sizes, limit):
            yield _finding(instance, sizes, limit)
        elif instance.settings.patches:
            yield from _patched(instance, sizes, limit)


def _is_too_much(sizes: list[str], limit: object) -> bool:
    """Whether volumes of these sizes, empty if they have none, leave nothing of the limit."""
    most = amount(limit) if limit else None
    total = sum((amount(size) or Decimal(0) for size in sizes if size), Decimal(0))
    return bool(total) and most is not None and total >= most


def _patched(instance: ServiceInstance, sizes: list[str], limit: str) -> Iterator[Finding]:
    """Yield a warning at the patch after which the volumes take all of the memory."""
    for index, tree in apply_patches(instance, _deployment(instance, sizes, limit)):
        pod = below(tree, *_POD)
        main = next((one for one in items_below(pod, "containers") if below(one, "name") == CONTAINER), None)
        volumes = [below(volume, "emptyDir") for volume in items_below(pod, "volumes")]
        now = [str(below(one, "sizeLimit") or "") for one in volumes if below(one, "medium") == "Memory"]
        if _is_too_much(now, most := below(main, "resources", "limits", "memory")):
            yield replace(_finding(instance, now, str(most)), position=instance.position("patches", index))
            return


def _deployment(instance: ServiceInstance, sizes: list[str], limit: str) -> Tree:
    """Return the Deployment's volumes in memory and its memory limit, before patches."""
    tree = deployment(instance)
    pod = tree["spec"]["template"]["spec"]
    pod["volumes"] = [
        {"name": f"{index}", "emptyDir": {"medium": "Memory", "sizeLimit": size}} for index, size in enumerate(sizes)
    ]
    pod["containers"][0]["resources"] = {"limits": {"memory": limit}}
    return tree


def _finding(instance: ServiceInstance, sizes: list[str], limit: str) -> Finding:
    taken = " and ".join(filter(None, sizes))
    message = f"the volumes in memory may take {taken}, which counts against the memory limit of {limit}"
    hint = "raise resources.memory above their sum and what the server needs, or make them smaller"
    also = (instance.position("resources", "memory"),)
    environments = (instance.environment.name,)
    return Finding(ID, message, instance.position("volumes"), hint, SEVERITY, also=also, environments=environments)
