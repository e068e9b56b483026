"""H25: a canary should not stand still: it needs the pods of two versions, and nobody may look at it any more.

A rollout should have ended after twice its time, and one day at least: `servegen advance` may not run, or Prometheus
may not answer. A canary by hand, or a rollout that was stopped, should be promoted or undeployed within two weeks. The
time counts from the release stamp. Source: a judgement; a canary that is meant to stay is a reason for a waiver.

Passes, on 2026-11-23:

    released: 2026-11-23T10:00:00Z
    rollout: 5%,25%,100% every 1h

Fails, on 2026-11-30:

    released: 2026-11-23T10:00:00Z
    rollout: 5%,25%,100% every 1h
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.canaries import find_canaries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from generator.checks.context import CheckContext
    from generator.fleet.canaries import Canary

ID: Final = "H25"
SEVERITY: Final = Severity.WARNING
_BY_HAND: Final = timedelta(days=14)
_NOT_RUN: Final = "`servegen advance --dry-run` says why; CI runs `servegen advance --push` on a schedule"
_LEAST: Final = timedelta(days=1)


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each canary that is older than it should become."""
    if context.now is None:
        return
    for canary in find_canaries(context.routing):
        released, left = canary.instance.released, time_left(canary, context.now)
        if released is not None and left is not None and left < timedelta():
            yield _standing(canary, released)


def time_left(canary: Canary, now: datetime) -> timedelta | None:
    """Return after which time a canary stands still, negative if it does; None if it may stay."""
    released = canary.instance.released
    return _longest(canary) - (now - released) if released is not None and canary.instance.deferred else None


def _longest(canary: Canary) -> timedelta:
    plan = canary.instance.rollout
    if plan is None or canary.instance.rollout_stopped is not None:
        return _BY_HAND
    return max(_LEAST, 2 * len(plan.steps) * timedelta(seconds=plan.every))


def _standing(canary: Canary, released: datetime) -> Finding:
    instance, name = canary.instance, canary.instance.service.name
    rollout, stopped = instance.rollout is not None, instance.rollout_stopped is not None
    what = "its rollout was stopped" if stopped else f"it gets {canary.share} % of the requests for {canary.address}"
    message = f"{name} was released in {canary.environment} on {released:%Y-%m-%d} and is still a canary: {what}"
    hint = _way_out(canary) if stopped or not rollout else _NOT_RUN
    position = instance.in_environment("rollout" if rollout else "takeover")
    # What the owner's spec says counts: nothing is known of it if it has an error.
    owner = canary.owner.position("split") if canary.share else canary.owner.in_environment("released")
    return Finding(ID, message, position, hint, severity=SEVERITY, also=(owner,))


def _way_out(canary: Canary) -> str:
    """Return how to end a canary; the service of a split cannot be undeployed before the split is gone."""
    of = f"{canary.instance.service.name} {canary.environment}"
    promote = f"`servegen canary {of} --promote` if it is to get the host"
    if canary.share:
        return f"end it: {promote}, or `servegen canary {of} --abort` and then `servegen undeploy {of}`"
    return f"end it: `servegen deploy {of}` begins the rollout again, `servegen undeploy {of}` gives it up"
