"""What must have been tried before it goes to people: an environment of stage prod asks for one of stage test.

A written null counts as tried: it is what `servegen undeploy` leaves of an environment in which the service was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.spec.platform import Platform

_TEST, _PROD = "test", "prod"


def requires_test(platform: Platform, environment: str) -> bool:
    """Whether a service must have been in an environment of stage test before this one."""
    facts = platform.environments[environment]
    if facts.requires is not None:
        return facts.requires == _TEST
    return facts.stage == _PROD and bool(trial_environments(platform))


def trial_environments(platform: Platform) -> list[str]:
    """The environments in which services are tried."""
    return [name for name, facts in platform.environments.items() if facts.stage == _TEST]


def lacks_test(platform: Platform, environment: str, environments: Mapping[str, object]) -> bool:
    """Whether an environment requires a test that a service with these stanzas in its spec never had."""
    return requires_test(platform, environment) and not any(
        name in environments for name in trial_environments(platform)
    )
