"""The protocol of a port in the Service, in the pod and its probes, and in the routes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.fleets import PLATFORM
from tests.support.one_app import gateway_api_platform, objects, service

GATEWAY_API = gateway_api_platform('{"80": infra/serving, "8080": infra/serving}')


def _objects(keys: str, platform: str = PLATFORM) -> dict[str, dict[str, Any]]:
    trees = objects(service(1, keys), platform=platform)
    return {tree["kind"]: tree for tree in trees if tree["metadata"]["name"] not in ("m-1-external",)}


def _container(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    container: dict[str, Any] = found["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    return container


def _service_port(number: int, name: str, protocol: str) -> dict[str, object]:
    return {"name": name, "port": number, "targetPort": number, "protocol": "TCP", "appProtocol": protocol}


@pytest.mark.parametrize(
    ("platform", "grpc", "http2"),
    [(PLATFORM, "grpc", "http2"), (GATEWAY_API, "kubernetes.io/h2c", "kubernetes.io/h2c")],
    ids=["istio", "gateway-api"],
)
def test_a_service_names_the_protocol_of_each_port(platform: str, grpc: str, http2: str) -> None:
    found = _objects("ports: 8000,9000/grpc\nmetrics: 8002:/metrics\n", platform)
    assert found["Service"]["spec"]["ports"] == [
        _service_port(8000, "http-8000", "http"),
        _service_port(9000, "grpc-9000", grpc),
    ]
    assert [port["name"] for port in _container(found)["ports"]] == ["http-8000", "grpc-9000", "http-8002"]
    (port,) = _objects("ports: 65535/http2\n", platform)["Service"]["spec"]["ports"]
    assert port == _service_port(65535, "http2-65535", http2)


def test_an_external_service_names_it_too() -> None:
    trees = objects(service(1, "id: 14\nports: 9000/grpc\n"))
    (tree,) = (tree for tree in trees if tree["metadata"]["name"] == "m-1-external")
    (port,) = tree["spec"]["ports"]
    assert (port["name"], port["appProtocol"]) == ("grpc-9000", "grpc")


@pytest.mark.parametrize(
    ("keys", "probe"),
    [
        ("ports: 9000/grpc\nhealth: grpc:9000\n", {"grpc": {"port": 9000}}),
        (
            "ports: 9000/grpc\nhealth: {grpc: 9000, service: inference.Predictor}\n",
            {"grpc": {"port": 9000, "service": "inference.Predictor"}},
        ),
        (
            "ports: 8443/https\nhealth: {port: 8443, path: /live, scheme: HTTPS}\n",
            {"httpGet": {"path": "/live", "port": 8443, "scheme": "HTTPS"}},
        ),
        (
            "ports: 8000\nhealth: {port: 8000, path: /live, scheme: http}\n",
            {"httpGet": {"path": "/live", "port": 8000}},
        ),
    ],
)
def test_probes_ask_in_the_protocol_of_the_port(keys: str, probe: dict[str, Any]) -> None:
    container = _container(_objects(keys))
    for name, failures in (("startupProbe", 90), ("readinessProbe", 3), ("livenessProbe", 5)):
        found = container[name]
        times = {key: value for key, value in found.items() if key not in ("grpc", "httpGet")}
        assert {key: value for key, value in found.items() if key in ("grpc", "httpGet")} == probe
        assert times["failureThreshold"] == failures, name


def test_a_probe_of_a_port_that_is_not_published_names_it_by_its_protocol() -> None:
    container = _container(_objects("ports: 8000\nhealth: grpc:9000\n"))
    assert [port["name"] for port in container["ports"]] == ["http-8000", "http-8002", "grpc-9000"]


def test_a_port_with_tls_is_asked_with_tls_and_keeps_the_policy_of_the_others() -> None:
    rule = _objects("ports: 8443/https,8000\ntraffic: {outliers: {errors: 3}}\n")["DestinationRule"]
    policy = rule["spec"]["trafficPolicy"]
    assert policy["outlierDetection"]["consecutive5xxErrors"] == 3
    assert policy["portLevelSettings"] == [
        {
            "port": {"number": 8443},
            "outlierDetection": policy["outlierDetection"],
            "tls": {"mode": "SIMPLE", "insecureSkipVerify": True},
        }
    ]


def test_no_route_leads_to_tcp() -> None:
    routes = [tree for tree in objects(service(1, "ports: 9000/tcp,8000\n")) if tree["kind"] == "VirtualService"]
    assert [route["metadata"]["name"] for route in routes] == ["m-1.service.example.com-8080"]
