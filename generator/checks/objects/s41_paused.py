"""S41: a Deployment must not be paused.

A paused Deployment keeps its old pods: no change of its spec is rolled out.

Passes:

    paused: false

Fails:

    paused: true

Source: Kubernetes documentation, Deployments, Pausing and Resuming a rollout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.violation import Violation
from generator.core.loose_values import to_map

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext

ID: Final = "S41"
KINDS: Final = frozenset({"Deployment"})


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield an error for a paused Deployment."""
    if to_map(tree.get("spec")).get("paused") is True:
        message = "it is paused, so that no change is rolled out"
        yield Violation(message, "remove it", ("spec", "paused"))
