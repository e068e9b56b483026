"""One Istio Gateway with both ports: a route for a Gateway applies to all of its ports unless it names one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.fleets import PLATFORM
from tests.support.one_app import objects, service

if TYPE_CHECKING:
    from tests.e2e.mesh.rig import Rig

_BOTH = "{name: istio-system/both, managed: true}"
BOTH = PLATFORM.replace('"80": istio-system/serving ', f'"80": {_BOTH} ').replace("istio-system/serving-8080", _BOTH)


def _on_loopback(tree: dict[str, Any]) -> dict[str, Any]:
    if tree["kind"] != "Gateway":
        return tree
    servers = [{**server, "bind": "127.0.0.1"} for server in tree["spec"]["servers"]]
    return {**tree, "spec": {**tree["spec"], "servers": servers}}


def test_each_port_leads_to_its_own(rig: Rig) -> None:
    rules = "ports: 8000,8002\nhost: http://x.example.com/docs\nheaders: {name: x-service, service: m-2}\n"
    trees = objects(service(1, rules), service(2, "ports: 9000,9002\n"), platform=BOTH)
    assert [tree["metadata"]["name"] for tree in trees if tree["kind"] == "Gateway"] == ["both"]
    rig.feed([_on_loopback(tree) for tree in trees])
    named = {"x-service": "m-2"}
    found = {port: rig.ask("x.example.com", "/v2", port=port).body for port in (80, 8080)}
    by_name = {port: rig.ask("x.example.com", "/v2", port=port, headers=named).body for port in (80, 8080)}
    assert found == {80: "p-prod/m-1:8000", 8080: "p-prod/m-1:8002"}
    assert by_name == {80: "p-prod/m-2:9000", 8080: "p-prod/m-2:9002"}
    assert [rig.ask("x.example.com", port=port).status for port in (80, 8080)] == [302, 200]


def test_a_second_port_of_a_gateway_leads_where_the_first_does(rig: Rig) -> None:
    """The port with TLS, here without: how it ends TLS does not matter to the routes."""
    also = BOTH.replace('"80": {', '"80": {tls_port: 8080, ', 1).replace("tls_port", "tls_secret: s, tls_port", 1)
    rules = "host: http://x.example.com/docs\nheaders: {name: x-service, service: m-2}\n"
    trees = objects(service(1, rules), service(2), platform=also, refused=("H19",))
    rig.feed([_without_tls(_on_loopback(tree)) for tree in trees])
    assert [rig.ask("x.example.com", "/v2", port=port).body for port in (80, 8080)] == ["p-prod/m-1:8000"] * 2
    assert [rig.ask("x.example.com", port=port).status for port in (80, 8080)] == [302, 302]
    named = {"x-service": "m-2"}
    asked = [rig.ask("x.example.com", "/v2", port=port, headers=named).body for port in (80, 8080)]
    assert asked == ["p-prod/m-2:8000"] * 2


def _without_tls(tree: dict[str, Any]) -> dict[str, Any]:
    if tree["kind"] != "Gateway":
        return tree
    servers = [server for server in tree["spec"]["servers"] if "tls" not in server]
    assert len(servers) + 1 == len(tree["spec"]["servers"])
    return {**tree, "spec": {**tree["spec"], "servers": servers}}
