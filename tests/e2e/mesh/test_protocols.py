"""Which protocol the gateway speaks to a pod, by the protocol of the port in the spec."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest

from tests.e2e.identity import write_identity
from tests.e2e.mesh.mesh import OF_ISTIO, OF_THE_GATEWAY_API, Mesh
from tests.support.one_app import objects, service

if TYPE_CHECKING:
    from pathlib import Path

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


@pytest.mark.parametrize("traffic", ["", "traffic: {outliers: {}, connections: {pending: 10}}\n"])
def test_a_pod_with_tls_is_asked_with_tls(rig: Rig, tmp_path: Path, traffic: str) -> None:
    if rig.mesh.name != OF_ISTIO.name:
        pytest.skip("P10 refuses https there")
    keys = f"host: {HOST}\nports: 8443/https,7001\nsplit: m-2:50%\n{traffic}"
    rig.feed(objects(service(1, keys), service(2, "ports: 8444/http,7001\n")))
    server = rig.backend("p-prod", "m-1", 8443).server
    if not isinstance(server.socket, ssl.SSLSocket):
        certificate, key = tmp_path / "certificate", tmp_path / "key"
        write_identity("m-1", certificate, key)
        own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own.load_cert_chain(certificate, key)
        server.socket = own.wrap_socket(server.socket, server_side=True)
    answers = [rig.ask(HOST, "/v2") for _ in range(20)]
    assert {(answer.status, answer.body) for answer in answers} == {
        (200, "p-prod/m-1:8443"),
        (200, "p-prod/m-2:8444"),
    }
