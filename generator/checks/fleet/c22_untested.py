"""C22: what a change brings to an environment of stage prod must be, or have been, in one of stage test.

A version that nobody tried meets people first. The check compares with the base revision: a service that is new in prod
by this change must be in test now, or have been there in the base. A written null counts: it says that the service was
there. What an environment asks for is its key `requires`; `servegen deploy` looks through the history of the spec too.

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
    """Services that are new in an environment which requires a test, and that have been in none."""
    # A base without services is no state to compare with: the specs are new to the repository.
    if context.base is None or not context.base.services:
        return
    platform = context.fleet.platform
    before = {service.name: service.spec.environments for service in context.base.services}
    tests = " or ".join(trial_environments(platform))
    for instance in context.fleet.all_instances():
        name, environment = instance.service.name, instance.environment.name
        was = before.get(name, {})
        if was.get(environment) is not None or name in context.base.unread:
            continue
        now = instance.service.spec.environments
        if lacks_test(platform, environment, {**was, **now}):
            message = f"this change deploys {name} to {environment}, but it has not been in {tests}"
            hint = f"run `servegen deploy {name} {tests.partition(' ')[0]}` first, or set `requires: none` for it"
            yield Finding(ID, message, instance.in_environment(), f"{hint} in the platform file")
