"""The owner of a host, the services that run, and the rendered routes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan
from generator.render.views.route import common
from tests.support.fleets import PLATFORM

if TYPE_CHECKING:
    from generator.fleet.model import Fleet
    from generator.fleet.routing import Routing

LIBRARY = TemplateLoader((templates_root(),))
OLD, NEW = "2026-11-21T10:00:00Z", "2026-11-22T10:00:00Z"


def _spec(number: int, keys: str = "", stanza: str = "") -> tuple[str, bytes]:
    text = (
        f"model: m\nversion: v{number}\ntype: triton-server\ncommand: run\n{keys}environments: {{prod: {{{stanza}}}}}\n"
    )
    return f"services/p/a/m-{number}.yaml", text.encode()


def _routed(*specs: tuple[str, bytes]) -> tuple[Fleet, Routing]:
    made = plan({"services/platform.yaml": PLATFORM.encode(), **dict(specs)}, LIBRARY)
    assert [finding for finding in made.findings if finding.severity == "error"] == []
    return made.fleet, made.routing


def _prod(*specs: tuple[str, bytes]) -> tuple[list[str], dict[str, dict[str, Any]]]:
    """The names of the Deployments in prod, and the specs of its VirtualServices by name."""
    trees = [entry.tree for entry in expected_manifests(*_routed(*specs), LIBRARY)]
    deployments = [tree["metadata"]["name"] for tree in trees if tree["kind"] == "Deployment"]
    return deployments, {tree["metadata"]["name"]: tree["spec"] for tree in trees if tree["kind"] == "VirtualService"}


def _destinations(rules: dict[str, Any]) -> list[tuple[str, int, int | None]]:
    return [
        (entry["destination"]["host"].partition(".")[0], entry["destination"]["port"]["number"], entry.get("weight"))
        for entry in rules["http"][-1]["route"]
    ]


def test_the_newest_release_owns_the_host_and_the_object_stays_the_same() -> None:
    host = "host: A.example.com.\n"
    old, new = _spec(1, host, f"released: {OLD}"), _spec(2, host, f"released: {NEW}")
    before, after = _prod(old), _prod(old, new)
    assert (before[0], after[0]) == (["m-1"], ["m-2"])
    assert before[1].keys() == after[1].keys() == {"a.example.com-80"}
    assert _destinations(after[1]["a.example.com-80"]) == [("m-2", 8000, None)]
    assert _prod(old) == before  # without the newest service, the previous one owns the host again


def test_a_rival_that_the_owner_names_keeps_running_without_a_route_of_its_own() -> None:
    host = "host: a.example.com\n"
    old = _spec(1, f"{host}ports: 9000\n", f"released: {OLD}")
    new = _spec(2, f"{host}split: m-1:30%\nmirror: m-3:10%\n", f"released: {NEW}")
    deployments, routes = _prod(old, new, _spec(3, "ports: 7000\n"))
    assert deployments == ["m-1", "m-2", "m-3"]
    assert routes.keys() == {"a.example.com-80", "m-3.service.example.com-80"}
    rules = routes["a.example.com-80"]
    assert _destinations(rules) == [("m-2", 8000, 70), ("m-1", 9000, 30)]
    mirror = {"host": "m-3.p-prod.svc.cluster.local", "port": {"number": 7000}}
    assert rules["http"][-1]["mirrors"] == [{"destination": mirror, "percentage": {"value": 10}}]
    assert rules["http"][-1]["retries"] == {"attempts": 2, "retryOn": "connect-failure,refused-stream"}


def test_a_manual_takeover_runs_beside_the_owner_until_its_line_is_removed() -> None:
    keys = "host: a.example.com\nreplicas: 2~4\nhpa: cpu:50%\n"
    old, line = _spec(1, keys, f"released: {OLD}"), f"released: {NEW}, takeover: manual"
    waiting, done = _spec(2, keys, line), _spec(2, keys, f"released: {NEW}")
    before, beside, after = _prod(old), _prod(old, waiting), _prod(old, done)
    assert (before[0], beside[0], after[0]) == (["m-1"], ["m-1", "m-2"], ["m-2"])
    assert beside[1] == before[1]  # the first commit changes no route
    assert _destinations(after[1]["a.example.com-80"]) == [("m-2", 8000, None)]
    assert _prod(waiting) == after  # no owner to wait for


def test_a_service_that_waits_has_all_that_a_running_one_has() -> None:
    keys = "host: a.example.com\nreplicas: 2~4\nhpa: cpu:50%\n"
    old, new = _spec(1, keys, f"released: {OLD}"), _spec(2, keys, f"released: {NEW}, takeover: manual")
    fleet, routing = _routed(old, new)
    kinds = [
        entry.tree["kind"]
        for entry in expected_manifests(fleet, routing, LIBRARY)
        if entry.tree["metadata"]["name"] == "m-2"
    ]
    alone = expected_manifests(*_routed(_spec(2, keys, f"released: {NEW}")), LIBRARY)
    assert kinds == [entry.tree["kind"] for entry in alone if entry.tree["metadata"]["name"] == "m-2"]
    assert {"Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget"} <= {*kinds}


def test_states_and_reasons_of_rivals() -> None:
    host = "host: a.example.com\n"
    specs = (
        _spec(1, host, "released: 2026-11-20T10:00:00Z"),
        _spec(2, f"{host}split: m-5:10%\n", f"released: {OLD}"),
        _spec(3, host, "released: 2026-11-20T11:00:00Z, takeover: manual"),
        _spec(4, host, f"released: {NEW}, takeover: manual"),
        _spec(5, host, "released: 2026-11-22T11:00:00Z, takeover: manual"),
    )
    fleet, routing = _routed(*specs)
    assert [(routing.state(one), routing.reason(one)) for one in fleet.instances["prod"].values()] == [
        ("superseded", "m-2 was released later"),
        ("owner", "keeps it while m-4 waits"),
        ("superseded", "m-2 was released later"),
        ("waiting", "its takeover from m-2 is manual"),
        ("target", "named by split of m-2"),
    ]


def test_all_of_the_traffic_may_go_away() -> None:
    host = "host: a.example.com\n"
    _, routes = _prod(_spec(1, host, f"released: {OLD}"), _spec(2, f"{host}split: m-1:100%\n", f"released: {NEW}"))
    assert _destinations(routes["a.example.com-80"]) == [("m-1", 8000, None)]


def test_the_second_port_is_reached_through_the_second_gateway_port() -> None:
    _, routes = _prod(_spec(1, "ports: 8000,8002\n"))
    facts = {name: (rules["gateways"], _destinations(rules)) for name, rules in routes.items()}
    assert facts == {
        "m-1.service.example.com-80": (["istio-system/serving"], [("m-1", 8000, None)]),
        "m-1.service.example.com-8080": (["istio-system/serving-8080"], [("m-1", 8002, None)]),
    }


@pytest.mark.parametrize(
    ("host", "name", "opened"),
    [
        ("b.example.com", "b.example.com", {}),
        ("http://b.example.com", "b.example.com", {}),
        ("http://b.example.com/docs?x=1", "b.example.com", {"80": "/docs?x=1"}),
        ("/v2/models/m", "m-1.service.example.com", {"80": "/v2/models/m"}),
        ("':8002/models'", "m-1.service.example.com", {"8080": "/models"}),
        ("b.example.com:8080/x", "b.example.com", {"8080": "/x"}),
        ("b.example.com:80/x", "b.example.com", {"80": "/x"}),
    ],
)
def test_hosts_and_where_opening_them_leads(host: str, name: str, opened: dict[str, str]) -> None:
    _, routes = _prod(_spec(1, f"ports: 8000,8002\nhost: {host}\n"))
    assert routes.keys() == {f"{name}-80", f"{name}-8080"}
    found = {
        key.rpartition("-")[2]: rules["http"][0]["redirect"]
        for key, rules in routes.items()
        if "redirect" in rules["http"][0]
    }
    assert found == {port: {"uri": path, "redirectCode": 302} for port, path in opened.items()}


def test_names_of_routes_are_legal_and_different() -> None:
    addresses = [
        "a.example.com",
        "a.example.com/b",
        "a.example.com/B",
        "a.example.com/b/c",
        "a.example.com-b",
        "*.example.com",
        "any.example.com",
        "A_b.example.com",
        "a-b.example.com",
        f"{'x' * 60}.example.com",
        f"{'x' * 61}.example.com",
    ]
    routes: list[Any] = [SimpleNamespace(address=one, gateway_port=port) for one in addresses for port in (80, 8080)]
    names = [common.name(route) for route in routes]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 63 and name == name.lower() and "*" not in name and "_" not in name for name in names)
    assert names[:2] == ["a.example.com-80", "a.example.com-8080"]
