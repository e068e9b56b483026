"""How ports are named, and what they speak."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.spec.catalog import Server


def protocol(server: Server, port: int) -> str:
    """`http` or `grpc`: what the model server says of the port."""
    return server.protocols.get(str(port), "http")


def port_name(server: Server, port: int) -> str:
    """`http-8000`: at most 10 characters; Kubernetes allows 15, and Istio reads the part before the dash."""
    return f"{protocol(server, port)}-{port}"
