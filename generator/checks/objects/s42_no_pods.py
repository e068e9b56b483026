"""S42: a Deployment must have pods.

With `replicas: 0` by a patch or a template, the host of the service answers 503. `servegen undeploy` takes a service
out of an environment.

Passes:

    replicas: 2

Fails:

    replicas: 0

Source: Kubernetes documentation, Deployments, Replicas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.violation import Violation
from generator.core.loose_values import to_map

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext

ID: Final = "S42"
KINDS: Final = frozenset({"Deployment"})


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield an error for a Deployment without replicas."""
    replicas = to_map(tree.get("spec")).get("replicas")
    if replicas == 0 and replicas is not False:
        yield Violation("it has no pods", "write the key `replicas`, or undeploy the service", ("spec", "replicas"))
