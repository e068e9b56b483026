"""P43: a Service should be reached from every node.

With `internalTrafficPolicy: Local`, clients reach only pods on their own node, and none if there is none: kube-proxy
drops the connection, and a gateway of Istio answers 503. It is for agents that run on every node.

Source: Kubernetes documentation, Service Internal Traffic Policy. Istio keeps the rule in the endpoints that a gateway
gets (EndpointBuilder, NodeLocal).

Passes:

    internalTrafficPolicy: Cluster

Fails:

    internalTrafficPolicy: Local
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.violation import Violation
from generator.core.finding import Severity
from generator.core.loose_values import to_map

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext

ID: Final = "P43"
KINDS: Final = frozenset({"Service"})
_KEY: Final = "internalTrafficPolicy"


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield a warning for a Service that reaches only pods on the node of the client."""
    if to_map(tree.get("spec")).get(_KEY) == "Local":
        message = "clients and gateways on nodes without one of its pods cannot reach it"
        hint = "remove it; trafficDistribution: PreferClose prefers near pods"
        yield Violation(message, hint, ("spec", _KEY), Severity.WARNING)
