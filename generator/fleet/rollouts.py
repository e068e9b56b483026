"""Decide what becomes of a rollout: its next step, its end, or nothing for now.

Everything that a decision needs is given: the canary, the time of its last step in Git, the present time, and what
Prometheus answered. What is not known for certain changes nothing.
"""

from __future__ import annotations

import math
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from generator.spec.values.rollout import format_seconds

if TYPE_CHECKING:
    from datetime import datetime

    from generator.fleet.canaries import Canary
    from generator.spec.values.rollout import Condition, RolloutPlan


class Action(StrEnum):
    """What `servegen advance` does with a rollout.

    STEP and TAKE_OVER give the service more requests, STOP gives all back to the owner. WAIT changes nothing, as it
    should be; STAND_STILL changes nothing because something is not known.
    """

    STEP = "step"
    TAKE_OVER = "take over"
    STOP = "stop"
    WAIT = "wait"
    STAND_STILL = "stand still"


class Decision(Struct, frozen=True):
    """What to do, the share in percent that the service has afterwards, and why."""

    action: Action
    share: int
    reason: str

    @property
    def edits(self) -> bool:
        """Whether it changes the specs."""
        return self.action in (Action.STEP, Action.TAKE_OVER, Action.STOP)


class QueryReading(Struct, frozen=True):
    """The values of a query, one for each of its series; or why there are none."""

    values: tuple[float, ...] = ()
    problem: str = ""


def decide_first(canary: Canary) -> Decision | None:
    """Return what becomes of a rollout that is held back or has yet to begin; None if it is in progress."""
    instance, plan = canary.instance, plan_of(canary)
    if instance.rollout_stopped is not None:
        return Decision(Action.WAIT, canary.share, f"stopped: {instance.rollout_stopped}")
    if instance.manual:
        return Decision(Action.WAIT, canary.share, "held by `takeover: manual`")
    if (where := canary.other_split) is not None:
        reason = f"{where}: {canary.owner.service.name} has a split that is not this rollout's"
        return Decision(Action.STAND_STILL, canary.share, reason)
    return None if canary.share else Decision(Action.STEP, plan.steps[0], "the first step")


def decide_next(canary: Canary, since: datetime, now: datetime, reading: QueryReading | None) -> Decision:
    """Return what becomes of a rollout whose share is in Git since a time.

    `reading` is that of its condition, None if it has none.
    """
    plan = plan_of(canary)
    found = ""
    if plan.condition is not None and reading is not None:
        if problem := reading.problem or _problem(reading):
            return Decision(Action.STAND_STILL, canary.share, problem)
        failed = [value for value in reading.values if not plan.condition.holds(value)]
        if failed:
            return Decision(Action.STOP, 0, f"{failed[0]:g}, expected {_limit(plan.condition)}")
        found = f"; {reading.values[0]:g} is {_limit(plan.condition)}"
    due, step = since + timedelta(seconds=plan.every), plan.after(canary.share)
    if now < due:
        return Decision(Action.WAIT, canary.share, f"{step} % is due at {due:%Y-%m-%dT%H:%M:%SZ}{found}")
    reason = f"{canary.share} % for {format_seconds(plan.every)}, since {since:%Y-%m-%dT%H:%M:%SZ}{found}"
    return Decision(Action.TAKE_OVER if step == 100 else Action.STEP, step, reason)


def plan_of(canary: Canary) -> RolloutPlan:
    """Return the plan of a canary that has a rollout."""
    assert canary.instance.rollout is not None
    return canary.instance.rollout


def _problem(reading: QueryReading) -> str:
    """Return why the values say nothing; empty if they say something."""
    if not reading.values:
        return "the query of `while` has no value"
    return "a value of the query of `while` is not a number" if any(map(math.isnan, reading.values)) else ""


def _limit(condition: Condition) -> str:
    return f"{condition.comparison} {condition.limit}"
