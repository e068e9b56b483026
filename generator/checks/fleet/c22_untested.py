"""C22: a service must be, or have been, in an environment of stage test before a change adds it to one of stage prod.

Without this rule, users are the first to meet a version that was never tested. The check compares with the base
revision: a service that this change adds to prod must be in test now, or have been in test in the base revision. An
environment that is set to null counts: it records that the service was there. The key `requires` of an environment sets
whether it requires a test; `servegen deploy` also searches the history of the spec.

Passes:

    environments:
      test:
      prod: {released: 2026-11-23T10:00:00Z}

Fails, where prod is new in this change:

    environments:
      prod: {released: 2026-11-23T10:00:00Z}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.promotion import lacks_test, trial_environments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "C22"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each service that is new in an environment and lacks the test that this one requires."""
    # Without services in the base revision there is nothing to compare: the specs are new to the repository.
    if context.base is None or not context.base.services:
        return
    platform = context.fleet.platform
    before = {service.name: service.spec.environments for service in context.base.services}
    tests = " or ".join(trial_environments(platform))
    for instance in context.instances:
        name, environment = instance.service.name, instance.environment.name
        was = before.get(name, {})
        if was.get(environment) is not None or name in context.base.unread:
            continue
        now = instance.service.spec.environments
        if lacks_test(platform, environment, {**was, **now}):
            message = f"this change deploys {name} to {environment}, but it has not been in {tests}"
            hint = f"run `servegen deploy {name} {tests.partition(' ')[0]}` first, or set `requires: none` for it"
            yield Finding(ID, message, instance.in_environment(), f"{hint} in the platform file")
