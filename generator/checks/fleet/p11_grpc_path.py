"""P11: a path of a host hides a gRPC port, unless the path is the name of a gRPC service.

A gRPC client sends requests for `/<package>.<Service>/<Method>` and cannot put another path before it. So a service
with `path: /detector` gets no gRPC request, not even with a rewrite.

Passes:

    ports: 9000/grpc
    path: /inference.GRPCInferenceService

Fails:

    ports: 9000/grpc
    path: /detector
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.routing import path
from generator.fleet.service_ports import protocol
from generator.spec.values.path_prefix import ROOT
from generator.spec.values.ports import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "P11"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each gRPC port of a service whose path is not the name of a gRPC service."""
    for owner in context.routing.owners():
        prefix = path(owner)
        if prefix == ROOT or "." in prefix.split("/")[1]:
            continue
        for port in numbers(owner.settings.ports):
            if protocol(owner, port) == "grpc":
                message = f"the path {prefix} hides port {port}: gRPC clients ask for /package.Service/Method"
                hint = "give the service a host of its own, without `path`, or write the name of its gRPC service"
                also = (owner.position("ports"),)
                yield Finding(ID, message, owner.position("path"), hint, severity=SEVERITY, also=also)
