"""The complete external Service of each mode, and the environments and services for which it is rendered."""

from __future__ import annotations

from typing import Any

import pytest

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.fleet.external import external, format_addresses
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan
from generator.pipeline.validators import embedded_validator
from generator.repo.repository import schemas_of
from tests.conftest import ROOT
from tests.support.grants import grant_everything

LIBRARY = TemplateLoader((templates_root(),))
FILE = "services/p/a/m-1.yaml"
SPEC = """\
id: 14
model: m
version: v1
type: triton-server
ports: 8000,8001
environments: {debug: , test: , prod: }
command: run
"""
_PLATFORM = """\
servegen: ~=1.0
clusters:
  main:
    domain: service.example.com
    kubernetes: "1.35"
    gateways: {"80": istio-system/serving, "8080": istio-system/serving-8080}
    external: FACTS
environments:
  debug: {cluster: main, stage: debug}
  test: {cluster: main, stage: test}
  prod: {cluster: main, stage: prod}
"""
NODE_PORT = "{mode: nodePort, addresses: [10.0.0.7|203.0.113.7, 10.0.0.8], reserved: []}"
_METADATA = {
    "name": "m-1-external",
    "namespace": "p-prod",
    "labels": {
        "app.kubernetes.io/name": "m",
        "app.kubernetes.io/instance": "m-1",
        "app.kubernetes.io/version": "v1",
        "app.kubernetes.io/component": "inference",
        "app.kubernetes.io/part-of": "p",
        "app.kubernetes.io/managed-by": "servegen",
    },
}
_SELECTOR = {"app.kubernetes.io/instance": "m-1"}


def _made(facts: str, spec: str = SPEC, **more: str) -> tuple[dict[str, dict[str, Any]], dict[str, list[str]]]:
    """The external Services and the addresses shown to users, by environment."""
    files = {"services/platform.yaml": grant_everything(_PLATFORM.replace("FACTS", facts)), FILE: spec}
    files |= {f"services/p/{name.replace('_', '/')}.yaml": text for name, text in more.items()}
    made = plan(
        {name: text.encode() for name, text in files.items()}, LIBRARY, validate=embedded_validator(schemas_of(ROOT))
    )
    assert [str(finding) for finding in made.findings if finding.severity == "error"] == []
    objects = expected_manifests(made.fleet, made.routing, LIBRARY)
    services = {
        entry.environment: entry.tree
        for entry in objects
        if entry.tree["kind"] == "Service" and entry.tree["metadata"]["name"].endswith("-external")
    }
    given = {instance.environment.name: external(instance) for instance in made.fleet.all_instances()}
    return services, {name: format_addresses(found) for name, found in given.items() if found is not None}


def _port(name: str, inner: int, **numbers: int) -> dict[str, object]:
    protocol = name.partition("-")[0]
    return {"name": name, "targetPort": inner, "protocol": "TCP", "appProtocol": protocol, **numbers}


def test_node_ports_lead_to_the_ports_of_the_ordinary_service() -> None:
    services, shown = _made(NODE_PORT)
    ports = [_port("http-8000", 8000, port=8000, nodePort=30140), _port("grpc-8001", 8001, port=8001, nodePort=30141)]
    spec = {"type": "NodePort", "selector": _SELECTOR, "ports": ports}
    assert services == {"prod": {"apiVersion": "v1", "kind": "Service", "metadata": _METADATA, "spec": spec}}
    addresses = ["203.0.113.7:30140", "203.0.113.7:30141", "10.0.0.8:30140", "10.0.0.8:30141"]
    assert shown == {"prod": addresses}


def test_external_ips_hold_the_private_address_and_people_get_the_public_one() -> None:
    services, shown = _made("{mode: externalIPs, addresses: [10.0.0.7|gpu.example.com, 10.0.0.8|fd00::8]}")
    spec = {
        "type": "ClusterIP",
        "externalIPs": ["10.0.0.7", "10.0.0.8"],
        "selector": _SELECTOR,
        "ports": [_port("http-8000", 8000, port=30140), _port("grpc-8001", 8001, port=30141)],
    }
    assert services == {"prod": {"apiVersion": "v1", "kind": "Service", "metadata": _METADATA, "spec": spec}}
    addresses = ["gpu.example.com:30140", "gpu.example.com:30141", "[fd00::8]:30140", "[fd00::8]:30141"]
    assert shown == {"prod": addresses}


def test_a_load_balancer_with_a_class_and_annotations() -> None:
    facts = "{mode: loadBalancer, load_balancer_class: example.com/vip, annotations: {example.com/pool: public}}"
    services, shown = _made(facts)
    metadata = {**_METADATA, "annotations": {"example.com/pool": "public"}}
    spec = {
        "type": "LoadBalancer",
        "loadBalancerClass": "example.com/vip",
        "selector": _SELECTOR,
        "ports": [_port("http-8000", 8000, port=30140), _port("grpc-8001", 8001, port=30141)],
    }
    assert services == {"prod": {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}}
    assert shown == {"prod": ["<load balancer>:30140", "<load balancer>:30141"]}


@pytest.mark.parametrize(
    ("facts", "spec"),
    [
        ("{mode: none, addresses: 10.0.0.7}", SPEC),
        ("{}", SPEC),
        (NODE_PORT, SPEC.replace("id: 14\n", "")),
        (NODE_PORT, SPEC.replace(", prod: ", "")),
        (NODE_PORT, SPEC.replace("prod: ", "prod: {rules: {external: false}}")),
    ],
    ids=["mode none", "no mode", "no id", "not in prod", "rule lifted"],
)
def test_without_mode_id_or_rule_there_is_none(facts: str, spec: str) -> None:
    assert _made(facts, spec) == ({}, {})


def test_a_lifted_rule_moves_the_address_to_test() -> None:
    spec = SPEC.replace("test: , prod: ", "test: {rules: {external: true}}")
    services, shown = _made(NODE_PORT.replace("10.0.0.7|203.0.113.7, 10.0.0.8", ""), spec)
    assert list(services) == ["test"]
    assert shown == {"test": ["<node>:30140", "<node>:30141"]}


def test_a_project_has_an_address_of_its_own() -> None:
    project = "defaults: {external_addresses: 10.0.0.8|203.0.113.8}"
    services, shown = _made(NODE_PORT.replace("nodePort", "externalIPs"), SPEC, project=project)
    assert services["prod"]["spec"]["externalIPs"] == ["10.0.0.8"]
    assert shown == {"prod": ["203.0.113.8:30140", "203.0.113.8:30141"]}


@pytest.mark.parametrize(
    ("more", "port"),
    [
        ("series: internal\n", 20140),
        ("series: notebook\n", 10140),
        ("", 25028),
    ],
    ids=["internal", "notebook", "an expression of the cluster's"],
)
def test_the_series_and_its_expression_give_the_port(more: str, port: int) -> None:
    facts = "{mode: loadBalancer, ports: {inference: 25000+2*id}}"
    services, _ = _made(facts, f"{more}{SPEC}")
    assert [item["port"] for item in services["prod"]["spec"]["ports"]] == [port, port + 1]


def test_the_id_of_a_superseded_service_is_kept_but_makes_no_object() -> None:
    claims = SPEC.replace(
        "environments: {debug: , test: , prod: }", "host: one.example.com\nenvironments: {prod: STAMP}"
    )
    old, new = (claims.replace("STAMP", f"{{released: 2026-0{month}-01T00:00:00Z}}") for month in (1, 2))
    services, _ = _made(NODE_PORT, old, **{"a_m-2": new.replace("id: 14", "id: 15").replace("v1", "v2")})
    assert services["prod"]["metadata"]["name"] == "m-2-external"


def test_an_id_cannot_differ_between_environments() -> None:
    spec = SPEC.replace("prod: ", "prod: {id: 15}")
    platform = grant_everything(_PLATFORM.replace("FACTS", NODE_PORT))
    files = {"services/platform.yaml": platform.encode(), FILE: spec.encode()}
    findings = plan(files, LIBRARY).findings
    assert [(p.id, str(p.position), p.message) for p in findings] == [
        ("K01", f"{FILE}:6:40", 'found the unknown key "id" in environments.prod')
    ]
