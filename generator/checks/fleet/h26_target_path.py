"""H26: a target should serve the paths of the requests that it gets.

The requests that `split`, `mirror` and `headers` send to a target have the path of the service that owns the host, and
its `rewrite`, not those of the target. A server that expects another path answers 404.

Passes:

    path: {prefix: /detector, rewrite: /}          # in the owner
    path: {prefix: /detector-next, rewrite: /}     # in the target

Fails:

    path: /detector                                # in the owner
    path: /detector-next                           # in the target
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "H26"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each target whose server expects another path than that of the requests."""
    for reference in context.routing.references:
        source, target = reference.source, reference.target
        sent, expected = _seen(source), _seen(target) if target is not None else None
        if target is not None and sent and expected and sent != expected:
            name = target.service.name
            message = f"{reference.key} sends requests for {sent} to {name}, whose server expects {expected}"
            hint = f"let the server of {name} serve {sent} too, or give both services a `rewrite` to what both serve"
            also, where = (target.position("path"),), (source.environment.name,)
            yield Finding(ID, message, reference.position, hint, severity=SEVERITY, also=also, environments=where)


def _seen(instance: ServiceInstance) -> str | None:
    """Return the path that the server sees of a request for the path of its service; None if it has the whole host."""
    path = instance.settings.path
    return None if path is None else path.rewrite or path.prefix
