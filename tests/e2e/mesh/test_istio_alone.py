"""What only routes of Istio have: a DestinationRule, and retries that the route names."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest

from tests.e2e.identity import write_identity
from tests.e2e.mesh.pod_gone import statuses
from tests.support.one_app import objects, service

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.mesh.rig import Rig

HOST = "x.example.com"


def test_without_retries_a_request_that_no_pod_received_fails(rig: Rig) -> None:
    found = statuses(rig, "retries: 0\n")
    assert found.keys() == {200, 503}
    assert len(rig.backend("p-prod", "m-1", 8000).seen) == found[200]


def test_a_client_gets_the_cookie_by_which_it_comes_back(rig: Rig) -> None:
    rig.feed(objects(service(1, f"host: {HOST}\ntraffic: {{sticky: {{cookie: session, lifetime: 1h}}}}\n")))
    answer = rig.ask(HOST, "/v2")
    assert (answer.status, answer.headers["set-cookie"].partition("=")[0]) == (200, "session")
    assert "Max-Age=3600" in answer.headers["set-cookie"]


@pytest.mark.parametrize("traffic", ["", "traffic: {outliers: {}, connections: {pending: 10}}\n"])
def test_a_pod_with_tls_is_asked_with_tls(rig: Rig, tmp_path: Path, traffic: str) -> None:
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
