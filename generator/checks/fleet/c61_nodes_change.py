"""C61: a service that runs in production should not change between one node and several.

Its Deployment is then replaced by a LeaderWorkerSet, or the other way round. The Service selects the new pods at once,
and no pod answers until they have loaded the model. A new version takes over the host when its pods are ready.

Passes, in the file of a new version:

    # services/chat/llama/llama-405b-2.yaml
    nodes: 2

Fails, where the file had no `nodes` before:

    # services/chat/llama/llama-405b-1.yaml
    nodes: 2
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceEntry

ID: Final = "C61"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each service whose file changes what kind of workload it has."""
    before = {entry.key: entry for entry in context.base.services} if context.base is not None else {}
    for instance in context.production_instances if before else ():
        old, name = before.get(instance.service.key), instance.environment.name
        if old is None or name not in old.spec.environments or not context.routing.runs(instance):
            continue
        was, now = _nodes(old, name), _nodes(instance.service, name)
        if (was > 1) is not (now > 1):
            message = f"{instance.service.name} changes from {was} to {now} nodes: no pod answers until the new ones do"
            hint = f"write nodes: {was} here, and the change into a new version, which takes over without a gap"
            place = instance.position("nodes") if now > 1 else instance.in_environment()
            yield Finding(ID, message, place, hint, severity=SEVERITY, environments=(name,))


def _nodes(service: ServiceEntry, environment: str) -> int:
    """Return the number of nodes that the file of a service names, 1 without one."""
    stanza = service.spec.environments.get(environment)
    found = (stanza.nodes if stanza is not None else None) or service.spec.nodes
    return found.count if found is not None else 1
