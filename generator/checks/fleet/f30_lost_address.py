"""F30: an external address that clients use stays, although its service has another `id` or none now.

The port of an external address follows from `id` and `series`. A service that is deployed as before, and whose `id` is
removed or changed, loses its Service `<service>-external`: connections of clients fail. An address that another service
has now is handed over, and a service that is undeployed or removed loses its address on purpose: both are not reported.
Without a base revision nothing is checked.

Passes, for a service that had `id: 14`:

    id: 14

Fails, with a warning:

    # without `id`
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.external import external, format_addresses
from generator.spec.values.text import list_few

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "F30"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each service that is still deployed and loses external addresses of the base revision."""
    if context.routing_before is None:
        return
    for environment, entries in context.routing_before.claims.items():
        now = context.fleet.instances.get(environment, {})
        for before in {one.service.key: one for claims in entries for one in claims.services}.values():
            after = now.get(before.service.key)
            if after is not None and before.environment.facts.external == after.environment.facts.external:
                lost = _addresses(before) - _addresses(after)
                if lost and (lost := lost - {address for one in now.values() for address in _addresses(one)}):
                    yield _finding(before, after, sorted(lost))


def _addresses(instance: ServiceInstance) -> set[str]:
    given = external(instance)
    return set(format_addresses(given)) if given is not None else set()


def _finding(before: ServiceInstance, after: ServiceInstance, lost: list[str]) -> Finding:
    name, had, has = after.service.name, before.service.spec, after.service.spec
    message = f"this change takes the external address {list_few(lost)} from {name}"
    where, place = (after.environment.name,), after.service.document.position(("model",))
    if has.id is not None:
        place = after.service.document.position(("id",))
        message += f", which has {list_few(sorted(_addresses(after)) or ['none'])} now"
    changed = next((key for key in ("id", "series") if getattr(had, key) != getattr(has, key)), None)
    hint = f"write `{changed}: {getattr(had, changed)}` in {after.service.document.file}" if changed else "restore it"
    return Finding(ID, message, place, f"{hint}, unless no client uses the address", SEVERITY, environments=where)
