"""M02: a list without names should not hide what an earlier layer has in it.

The header rules of a service replace those of its project as a whole, because their order counts. The check reports the
rules that it does not repeat. A service may replace its own rules in one environment.

Passes, where the project has `headers: [{name: x-canary, exact: "1", service: det-2}]`:

    headers:
      - {name: x-canary, exact: "1", service: det-2}
      - {name: x-team, exact: a, service: det-3}

Fails, with the same project:

    headers: [{name: x-team, exact: a, service: det-3}]
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.spec.values.text import list_few

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "M02"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each list of header rules that hides rules of another file."""
    found: dict[Finding, None] = {}
    for instance in context.bases_and_instances:
        if instance.settings.headers:
            found |= dict.fromkeys(_hidden(instance))
    yield from found


def _hidden(instance: ServiceInstance) -> Iterator[Finding]:
    layers = [layer for layer in instance.layers if "headers" in layer.values]
    for below, layer in pairwise(layers):
        rules = layer.values["headers"] or ()
        lost = [rule for rule in below.values["headers"] or () if rule not in rules]
        if rules and lost and below.document.file != layer.document.file:
            names = list_few(f"{rule.name} {rule.comparison} {rule.value}" for rule in lost)
            message = f"the header rules replace those of {below.name}, among them {names}"
            hint = "repeat the rules that must stay, in the order in which they are tried"
            position, also = layer.position(("headers",)), (below.position(("headers",)),)
            yield Finding(ID, message, position, hint, severity=SEVERITY, also=also)
