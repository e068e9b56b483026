"""The finding about a scenario of the plan whose pods do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.core.finding import Finding, Severity
from generator.fleet.capacity.forecast import Answer, Scenario
from generator.fleet.capacity.wording import shortage_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.capacity import CapacityContext


def find_shortages(
    context: CapacityContext, scenario: Scenario, id: str, severity: Severity, what: str, hint: str, key: str
) -> Iterator[Finding]:
    """Yield a finding for each cluster on which the scenario is proved not to fit, at `key` of the first service.

    If the minimum does not fit, nothing else does: only that is reported.
    """
    for plan in context.plans:
        forecast = plan.forecasts[scenario]
        follows = scenario is not Scenario.MINIMUM and plan.answer is Answer.DOES_NOT_FIT
        if forecast.answer is not Answer.DOES_NOT_FIT or forecast.first is None or forecast.shortage is None or follows:
            continue
        instance = context.instance(forecast.first)
        others = f" (and {forecast.further:,} others)" if forecast.further else ""
        message = f"{what} of {instance.service.name}{others} has no room on {plan.cluster}: "
        yield Finding(
            id,
            message + shortage_text(forecast.shortage),
            instance.position(key),
            hint,
            severity,
            also=tuple(context.pool_position(plan.cluster, name) for name in forecast.shortage.pools),
            environments=(instance.environment.name,),
        )
