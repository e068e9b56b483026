"""The rule that a service is tested before production: an environment of stage prod requires one of stage test.

A written null counts as tested: `servegen undeploy` writes it for an environment in which the service was deployed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.spec.platform import Platform

_TEST, _PROD = "test", "prod"


def requires_test(platform: Platform, environment: str) -> bool:
    """Whether a service must have been in an environment of stage test before it is deployed to this environment.

    The environment's `requires` decides if it is set; otherwise stage prod requires it if a test environment exists.
    """
    facts = platform.environments[environment]
    if facts.requires is not None:
        return facts.requires == _TEST
    return facts.stage == _PROD and bool(trial_environments(platform))


def trial_environments(platform: Platform) -> list[str]:
    """Return the environments of stage test."""
    return [name for name, facts in platform.environments.items() if facts.stage == _TEST]


def lacks_test(platform: Platform, environment: str, environments: Mapping[str, object]) -> bool:
    """Whether an environment requires a test and `environments`, the stanzas of a service, have no test environment."""
    return requires_test(platform, environment) and not any(
        name in environments for name in trial_environments(platform)
    )
