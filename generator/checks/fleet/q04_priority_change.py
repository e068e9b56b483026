"""Q04: the value and the preemption of a PriorityClass must not change from the base revision.

The API server refuses such a change, and the whole platform folder is then no longer applied. Removing a class that no
service names is allowed.

Passes:

    priorities:
      serving-high: {value: 1000}
      serving-higher: {value: 2000}

Fails, where serving-high had 1000 before:

    priorities:
      serving-high: {value: 2000}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "Q04"
SEVERITY: Final = Severity.ERROR
_FIXED: Final = ("value", "preemption")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each fixed key of a class that differs from the base revision."""
    if context.base is None or context.base.platform is None:
        return
    _, before = context.base.platform
    for cluster, facts in context.fleet.platform.clusters.items():
        known = before.clusters[cluster].priorities if cluster in before.clusters else None
        for name, priority in (facts.priorities or {}).items():
            old = (known or {}).get(name)
            for key in _FIXED if old is not None else ():
                was, now = getattr(old, key), getattr(priority, key)
                if was != now:
                    message = f"the {key} of the PriorityClass {name} changes from {was} to {now}, but is immutable"
                    hint = "restore the old value, add a class with another name, and move the services to it"
                    position = context.fleet.platform_position("clusters", cluster, "priorities", name, key)
                    yield Finding(ID, message, position, hint)
