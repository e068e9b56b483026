"""H24: a `rollout` writes the owner's `split` itself, for its environment, and needs it for itself.

A split that names another service, or that is written for all environments, cannot follow the steps of a rollout; and
two rollouts of one host cannot both have it. With `takeover: manual` a rollout waits for another one.

Passes:

    # detector-1.yaml                        # detector-2.yaml
    environments:                            environments:
      prod: {split: "detector-2:5%"}           prod: {rollout: "5%,25%,100% every 1h"}

Fails:

    # detector-1.yaml                        # detector-2.yaml
    split: detector-3:5%                     environments:
                                               prod: {rollout: "5%,25%,100% every 1h"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.canaries import find_canaries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.canaries import Canary

ID: Final = "H24"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each rollout whose owner has another split, and for all but one rollout of a host."""
    first: dict[int, Canary] = {}
    for canary in find_canaries(context.routing):
        instance = canary.instance
        if instance.rollout is None or instance.rollout_stopped is not None or instance.manual:
            continue
        before = first.setdefault(id(canary.owner), canary)
        if before is not canary:
            yield _second(before, canary)
        elif (where := canary.other_split) is not None:
            name, owner = instance.service.name, canary.owner.service.name
            message = f"`split` of {owner} is not only the rollout's of {name} in {canary.environment}"
            hint = f"remove `rollout` of {name} to keep the shares, or remove `split` of {owner} to begin the rollout"
            yield Finding(ID, message, where, hint, also=(instance.in_environment("rollout"),))


def _second(before: Canary, canary: Canary) -> Finding:
    names = f"{before.instance.service.name} and {canary.instance.service.name}"
    message = f"{names} both have a rollout for {canary.address} in {canary.environment}"
    hint = "add `takeover: manual` to the one that waits for the other"
    also = (before.instance.in_environment("rollout"),)
    return Finding(ID, message, canary.instance.in_environment("rollout"), hint, also=also)
