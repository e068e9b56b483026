"""S08: `update: surge` needs room for a second pod, which an exclusive claim or a port of the node does not give.

A claim with ReadWriteOncePod is mounted by one pod, so that the new pod never starts, and with ReadWriteOnce it starts
only on the node of the old one. A port of a node is free on another node only.

Passes, with claims: {store: ReadWriteMany}:

    volumes: store(pvc-share):/mnt
    update: surge

Fails, with claims: {store: ReadWriteOncePod}:

    volumes: store(pvc-share):/mnt
    update: surge
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.render.exclusive import exclusive
from generator.render.views.context import Scheduling, ServiceContext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "S08"
SEVERITY: Final = Severity.ERROR
_HINT: Final = "write update: replace, or remove `update`"


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each exclusive claim, and a warning for each port of a node, beside `update: surge`."""
    for instance in context.instances:
        if instance.settings.update != "surge":
            continue
        held = exclusive(ServiceContext(instance, Scheduling()))
        place, where = instance.position("update"), (instance.environment.name,)
        for claim in held.claims:
            message = f"`update: surge` starts a second pod, but the claim {claim} is {instance.claims[claim]}"
            yield Finding(ID, message, place, _HINT, environments=where)
        if held.node_port:
            message = "`update: surge` starts a second pod, which needs another node with a free port"
            yield Finding(ID, message, place, _HINT, severity=Severity.WARNING, environments=where)
