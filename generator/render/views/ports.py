"""Names and protocols of ports."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.spec.server import Server


def protocol(server: Server, port: int) -> str:
    """Return `http` or `grpc`, as the model server declares for the port."""
    return server.protocols.get(str(port), "http")


def port_name(server: Server, port: int) -> str:
    """Return a name such as `http-8000`, of at most 10 characters.

    Kubernetes allows 15, and Istio reads the part before the dash.
    """
    return f"{protocol(server, port)}-{port}"
