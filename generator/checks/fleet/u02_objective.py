"""U02: an objective needs something that watches it.

`slo` becomes rules of Prometheus only on a cluster with `monitoring`. The rules read the series of Istio, which the
gateways of another implementation of the Gateway API do not have.

Passes, on a cluster with `monitoring: {}`:

    slo: 99.5% < 300ms

Fails, on a cluster without it:

    slo: 99.5% < 300ms
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "U02"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each objective that no rule watches, in environments that alert."""
    for instance in context.instances:
        place = instance.environment
        if instance.settings.slo is not None and instance.rules.alerts and place.facts.monitoring is None:
            message = f"`slo` has no effect: the cluster {place.cluster} has no `monitoring`"
            hint = f"add monitoring: {{}} to the cluster {place.cluster} in the platform file, or remove it"
            yield Finding(ID, message, instance.position("slo"), hint, severity=SEVERITY, environments=(place.name,))
