"""P41: a Service should select pods.

A Service without a selector has no endpoints, unless something else writes them: its clients cannot connect.

Passes:

    selector: {app: detector}

Fails:

    selector: {}

Source: Kubernetes documentation, Service, Services without selectors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.violation import Violation
from generator.core.finding import Severity
from generator.core.loose_values import to_map

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext

ID: Final = "P41"
KINDS: Final = frozenset({"Service"})


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield a warning for a Service whose requests reach no pod."""
    spec = to_map(tree.get("spec"))
    if not spec.get("selector") and spec.get("type") != "ExternalName":
        hint = "keep the selector, or accept the finding if something else writes the endpoints"
        yield Violation("it selects no pods, so that nothing answers", hint, ("spec", "selector"), Severity.WARNING)
