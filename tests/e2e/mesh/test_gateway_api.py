"""How Istio implements HTTPRoutes, beyond what test_routes.py tests for every kind of route."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from generator.schemas import embedded
from generator.schemas.catalogue import SchemaCatalog, minors
from tests.e2e.mesh.mesh import OF_THE_GATEWAY_API, Mesh
from tests.e2e.mesh.rig import Rig, until
from tests.support.one_app import gateway_api_platform, objects, service

HOST = "x.example.com"
PORTS = "ports: 8000,8002\n"
PLATFORM = OF_THE_GATEWAY_API.platform


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    """Gateways and routes of the Gateway API."""
    return OF_THE_GATEWAY_API


def _by_port(rig: Rig, host: str = HOST) -> dict[int, tuple[int, str]]:
    """Return the status and the body, which names who answers, for each port of the gateway."""
    answers = {port: rig.ask(host, port=port) for port in (80, 8080)}
    return {port: (answer.status, answer.body) for port, answer in answers.items()}


BOTH = {80: (200, "p-prod/m-1:8000"), 8080: (200, "p-prod/m-1:8002")}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("istio-system/serving", "istio-system/serving"),
        ("{name: istio-system/serving, listener: first}", "istio-system/serving"),
        ("{name: istio-system/serving, listener: first}", "{name: istio-system/serving, listener: second}"),
    ],
    ids=["by port", "by name and by port", "by name"],
)
def test_a_route_is_of_one_listener(rig: Rig, first: str, second: str) -> None:
    platform = gateway_api_platform(f'{{"80": {first}, "8080": {second}}}')
    rig.feed(objects(service(1, f"{PORTS}host: {HOST}\n"), platform=platform))
    assert _by_port(rig) == BOTH


def test_a_listener_that_the_gateway_does_not_have_gets_no_route(rig: Rig) -> None:
    platform = gateway_api_platform(
        '{"80": {name: istio-system/serving, listener: other}, "8080": istio-system/serving}'
    )
    rig.feed(objects(service(1, f"{PORTS}host: {HOST}\n"), platform=platform))
    assert _by_port(rig) == {**BOTH, 80: (404, "")}


def _conditions(rig: Rig, route: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return the conditions that the control plane sets for a route: condition -> status and reason."""
    parents = rig.status(route).get("parents", [])
    return {entry["type"]: (entry["status"], entry["reason"]) for parent in parents for entry in parent["conditions"]}


RESOLVED = {"ResolvedRefs": ("True", "ResolvedRefs")}
ALL_KEYS = """\
host: http://accepted.example.com/docs
split: m-2:20%
mirror: m-2:100%,m-3:30%
headers:
- {name: x-a, exact: a, service: m-2}
- {name: x-b, prefix: b, service: m-3}
- {name: x-c, regex: c+, service: m-2}
timeout: 0s
"""


def test_the_control_plane_accepts_what_is_rendered(rig: Rig) -> None:
    others = (service(number, PORTS) for number in (2, 3))
    trees = objects(service(1, f"{PORTS}{ALL_KEYS}"), *others, platform=PLATFORM)
    routes = _routes(trees)
    assert len(routes) == 6
    assert _refused(trees) == []
    rig.feed(trees)
    accepted = {"Accepted": ("True", "Accepted"), **RESOLVED}
    until("the conditions", lambda: [_conditions(rig, route) for route in routes] == [accepted] * 6)


def test_the_control_plane_reports_a_missing_listener(rig: Rig) -> None:
    platform = gateway_api_platform('{"80": {name: istio-system/serving, listener: other}}')
    trees = objects(service(1, "host: refused.example.com\n"), platform=platform)
    rig.feed(trees)
    found = {"Accepted": ("False", "NoMatchingParent"), **RESOLVED}
    until("the conditions", lambda: [_conditions(rig, route) for route in _routes(trees)] == [found])


def test_a_bad_regex_holds_up_the_port(rig: Rig) -> None:
    """Neither the schema nor the control plane validates the expression, as for a VirtualService."""
    rules = "headers: [{name: x-a, regex: 'v[0-9]', service: m-2}]\n"
    good = objects(service(1, f"host: regex.example.com\n{rules}"), service(2), platform=PLATFORM)
    rig.feed(good)
    bad = yaml.safe_load(yaml.safe_dump(good).replace("v[0-9]", "v[0-9"))
    assert _refused(bad) == []
    before = rig.rejected()
    revision = rig.send(bad)
    until("Envoy to refuse the routes", lambda: rig.rejected() > before)
    assert not rig.has(revision, 80)
    assert rig.ask("regex.example.com", headers={"x-a": "v1"}).body == "p-prod/m-2:8000"
    rig.feed(good)


@pytest.mark.parametrize(
    "keys",
    ["", ", hosts: ['*.example.com']", ", hosts: [x.example.com, '*.example.org']"],
    ids=["all hosts", "one host", "two hosts"],
)
@pytest.mark.parametrize("listener", ["", ", listener: web"], ids=["unnamed", "named"])
def test_managed_gateways_serve_their_routes(rig: Rig, keys: str, listener: str) -> None:
    first = f"{{name: istio-system/managed, managed: true{keys}{listener}}}"
    second = f"{{name: istio-system/managed-8080, managed: true{keys}{listener}}}"
    platform = gateway_api_platform(f'{{"80": {first}, "8080": {second}}}')
    rig.feed(objects(service(1, f"{PORTS}host: {HOST}\n"), platform=platform))
    until("the gateways", lambda: _by_port(rig) == BOTH)


PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~ \\a"


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (PUNCTUATION, 2),
        (f"{PUNCTUATION}bc", 2),
        (f"b{PUNCTUATION}", 1),
        (PUNCTUATION.replace(".", "x"), 1),
    ],
)
def test_a_prefix_matches_its_values(rig: Rig, value: str, number: int) -> None:
    """A prefix is rendered as a regular expression in which each character matches itself."""
    quoted = PUNCTUATION.replace("'", "''")
    rules = f"headers: [{{name: x-team, prefix: '{quoted}', service: m-2}}]\n"
    rig.feed(objects(service(1, f"host: {HOST}\n{rules}"), service(2), platform=PLATFORM))
    assert rig.ask(HOST, headers={"x-team": value}).body == f"p-prod/m-{number}:8000"


@pytest.mark.parametrize(
    ("first", "second"),
    [("exact: v12", "regex: 'v.*'"), ("regex: 'v.*'", "prefix: v1"), ("prefix: v1", "regex: 'v.*'")],
)
def test_the_first_rule_that_fits_is_taken_whatever_it_compares(rig: Rig, first: str, second: str) -> None:
    """Rules of equal rank keep their order: the Gateway API ranks by path, method and number of headers."""
    rules = f"headers: [{{name: x-a, {first}, service: m-2}}, {{name: x-a, {second}, service: m-3}}]\n"
    rig.feed(objects(service(1, f"host: {HOST}\n{rules}"), service(2), service(3), platform=PLATFORM))
    assert rig.ask(HOST, headers={"x-a": "v12"}).body == "p-prod/m-2:8000"


@pytest.mark.parametrize(("method", "status"), [("GET", 302), ("POST", 200)])
def test_opening_a_host_goes_before_headers(rig: Rig, method: str, status: int) -> None:
    rules = "headers: [{name: x-a, exact: a, service: m-2}]\n"
    rig.feed(objects(service(1, f"host: http://{HOST}/docs\n{rules}"), service(2), platform=PLATFORM))
    assert rig.ask(HOST, method=method, headers={"x-a": "a"}).status == status


@pytest.mark.parametrize(("timeout", "written"), [("0s", "0s"), ("27h", "97200s"), ("1700m", "28h1200s")])
def test_a_long_timeout_is_a_duration_of_the_gateway_api(rig: Rig, timeout: str, written: str) -> None:
    trees = objects(service(1, f"host: {HOST}\ntimeout: {timeout}\n"), platform=PLATFORM)
    assert [rule["timeouts"] for route in _routes(trees) for rule in route["spec"]["rules"]] == [{"request": written}]
    assert _refused(trees) == []
    rig.feed(trees)
    assert rig.ask(HOST).body == "p-prod/m-1:8000"


def _routes(trees: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [tree for tree in trees if tree["kind"] == "HTTPRoute"]


def _refused(trees: list[dict[str, Any]]) -> list[tuple[tuple[str | int, ...], str]]:
    """Return what the schemas of the kinds reject: path and message."""
    found = embedded.validate(trees, SchemaCatalog.open(minors()[-1]))
    return [(finding.path, finding.message) for finding in found]


@pytest.mark.parametrize(
    "gateway",
    [
        "{name: istio-system/serving, tls_port: 8080}",
        "{name: istio-system/serving, tls_port: 8080, listener: first, tls_listener: second}",
    ],
    ids=["all listeners", "by name"],
)
def test_a_route_is_of_the_listener_with_tls_too(rig: Rig, gateway: str) -> None:
    """The listener with TLS, here without: how it ends TLS does not matter to the routes."""
    trees = objects(service(1, f"host: {HOST}\n"), platform=gateway_api_platform(f'{{"80": {gateway}}}'))
    rig.feed(trees)
    assert _by_port(rig) == {80: BOTH[80], 8080: BOTH[80]}
    accepted = {"Accepted": ("True", "Accepted"), **RESOLVED}
    until("the conditions", lambda: [_conditions(rig, route) for route in _routes(trees)] == [accepted])
