"""Which protocol the gateway speaks to a pod, by the protocol of the port in the spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.mesh.mesh import OF_ISTIO, OF_THE_GATEWAY_API, Mesh
from tests.support.one_app import objects, service

if TYPE_CHECKING:
    from tests.e2e.mesh.rig import Rig

HOST = "x.example.com"
# What a pod records if the gateway speaks HTTP/2.
PREFACE = "PRI"


@pytest.fixture(scope="module", params=[OF_ISTIO, OF_THE_GATEWAY_API], ids=str)
def mesh(request: pytest.FixtureRequest) -> Mesh:
    """Both kinds of routes."""
    found: Mesh = request.param
    return found


def _methods(rig: Rig, port: str) -> set[str]:
    """Return the methods that the pod sees, whose server speaks HTTP/1.1, if the port of the spec is `port`."""
    rig.feed(objects(service(1, f"host: {HOST}\nports: {port}\n"), platform=rig.mesh.platform))
    rig.ask(HOST, "/v2")
    return {request.method for request in rig.backend("p-prod", "m-1", int(port.partition("/")[0])).seen}


@pytest.mark.parametrize(
    ("port", "method"),
    [("7000", "GET"), ("7001/http", "GET"), ("7002/http2", PREFACE), ("7003/grpc", PREFACE), ("8001", PREFACE)],
)
def test_a_pod_is_asked_in_its_protocol(rig: Rig, port: str, method: str) -> None:
    assert _methods(rig, port) == {method}


def test_no_route_leads_to_tcp(rig: Rig) -> None:
    rig.feed(objects(service(1, f"host: {HOST}\nports: 7000/tcp,7001\n"), platform=rig.mesh.platform))
    assert (rig.ask(HOST).status, rig.ask(HOST, port=8080).body) == (404, "p-prod/m-1:7001")
