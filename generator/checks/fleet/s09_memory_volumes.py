"""S09: files in memory count against the memory of the container, so that they should leave some for the server.

A volume of kind (memory), such as /dev/shm, is a part of the memory limit. If its size is not below the limit, filling
it ends the container (Kubernetes documentation, Volumes, emptyDir).

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

from generator.core.finding import Finding, Severity
from generator.spec.values.quantity import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "S09"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each service whose volumes in memory may take all of it."""
    for instance in context.fleet.all_instances():
        sizes = [volume.source for volume in instance.settings.volumes or () if volume.kind == "memory"]
        memory = instance.settings.resources.memory if instance.settings.resources is not None else None
        limit = amount(memory.limit) if memory is not None and memory.limit is not None else None
        if sizes and limit is not None:
            total = sum((amount(size) or Decimal(0) for size in sizes if size), Decimal(0))
            if total >= limit:
                yield _finding(instance, " and ".join(filter(None, sizes)), str(memory.limit if memory else ""))


def _finding(instance: ServiceInstance, sizes: str, limit: str) -> Finding:
    message = f"the volumes in memory may take {sizes}, which counts against the memory limit of {limit}"
    hint = "raise resources.memory above their sum and what the server needs, or make them smaller"
    also = (instance.position("resources", "memory"),)
    environments = (instance.environment.name,)
    return Finding(ID, message, instance.position("volumes"), hint, SEVERITY, also=also, environments=environments)
