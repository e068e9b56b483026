"""Istio and Envoy in the cluster: what happens to requests while services take over hosts, and what Istio rejects."""

from __future__ import annotations

import datetime
import math
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from generator.checks.objects import check_object
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.core.yaml import dump
from generator.fleet.model import EnvironmentContext
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan
from generator.repo.spec_files import read_spec_files
from generator.spec.platform import Cluster
from generator.spec.stage import Rules
from generator.spec.validator import require_valid
from tests.conftest import ROOT
from tests.e2e.byhand import Fleet
from tests.e2e.istio import DENIED, Ingress, virtual_service
from tests.e2e.pods import PORT
from tests.e2e.timeline import ROUTES
from tests.e2e.waiting import until
from tests.support.fleets import PLATFORM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.argocd_apps import Delivery
    from tests.e2e.kube import Kube, Tree
    from tests.e2e.repository import Repository
    from tests.e2e.rig import Rig

pytestmark = [pytest.mark.istio, pytest.mark.pods]

LIBRARY: Final = TemplateLoader((templates_root(),))
FACTS: Final = require_valid(Cluster, {"domain": "example.com", "gateways": "managed"})
PLACE: Final = EnvironmentContext("prod", "main", FACTS, Rules())
FIXTURES: Final = Path(__file__).parent / "fixtures"
EDGES: Final[list[dict[str, Any]]] = yaml.safe_load((FIXTURES / "edges.yaml").read_text(encoding="utf-8"))
RULES: Final[list[dict[str, Any]]] = [
    case
    for path in (ROOT / "tests" / "cases" / "refused-routes.yaml", FIXTURES / "istio_alone.yaml")
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
VERDICTS: Final = FIXTURES / "verdicts.txt"


@pytest.fixture
def fleet(rig: Rig, gateway: Ingress, repository: Callable[[str], Repository]) -> Iterator[Fleet]:
    """A fleet of the test's own behind the gateway. Istio's webhook validates what is applied to its namespace."""
    made = Fleet(rig, repository(f"shop-{secrets.token_hex(3)}"), PORT)
    made.repository.platform("none")
    gateway.lead_to(made.repository)
    with gateway.judging(made.namespace):
        yield made
    rig.run("delete", "namespace", made.namespace, "--wait=false")


def _deliver(fleet: Fleet) -> None:
    """Deliver m-1."""
    fleet.write(1)
    fleet.render()
    fleet.start_workloads()
    fleet.lead_routes()


@pytest.mark.long
def test_a_canary_a_takeover_and_a_restart_by_hand_lose_no_request(gateway: Ingress, fleet: Fleet) -> None:
    _deliver(fleet)
    with fleet.asked(gateway) as load:
        fleet.write(1, day=3, more="split: m-2:30%\n")
        fleet.write(2, day=2)
        fleet.render()
        fleet.start_workloads()
        fleet.lead_routes()
        until("both to answer", lambda: load.last(40) == {(200, "m-1"), (200, "m-2")}, report=load.report)
        canary = load.mark()
        until("500 requests", lambda: load.since(canary).total() >= 500, report=load.report)
        shares = load.since(canary)
        fleet.write(2, day=4)
        fleet.render()
        fleet.start_workloads()
        fleet.lead_routes()
        until("m-2 to answer alone", lambda: load.last(20) == {(200, "m-2")}, report=load.report)
        taken = load.mark()
        fleet.prune(1)
        fleet.write(2, day=4, more="env: {A: b}\n")
        fleet.render()
        fleet.start_workloads()
        until("requests after that", lambda: load.since(taken).total() >= 500, report=load.report)
    assert load.failed() == [], load.report()
    assert set(load.since(taken)) == {(200, "m-2")}, load.report()
    # Five standard deviations: a false failure once in two million runs.
    count, found = shares.total(), shares[200, "m-2"]
    assert abs(found - 0.3 * count) <= 5 * math.sqrt(0.3 * 0.7 * count)


@pytest.mark.argocd
def test_a_takeover_by_argocd_loses_no_request(
    rig: Rig, kube: Kube, gateway: Ingress, deliver: Callable[..., Delivery]
) -> None:
    delivery = deliver(f"shop-{secrets.token_hex(3)}")
    fleet = Fleet(rig, delivery.repository, PORT)
    gateway.lead_to(fleet.repository)
    fleet.write(1, replicas="2~4")
    with gateway.judging(fleet.namespace):
        delivery.bootstrap_at(fleet.repository.push())
        with fleet.asked(gateway) as load:
            fleet.write(2, day=2, replicas="{min: 2, max: 4, start: 3}")
            delivery.arrived(fleet.repository.push())
            until("m-1 to be gone", lambda: kube.get("apps/v1", "deployments", fleet.namespace, "m-1") is None)
            taken = load.mark()
            until("requests after that", lambda: load.since(taken).total() >= 500, report=load.report)
    assert load.failed() == [], load.report()
    assert load.changes() == [[(200, "m-1"), (200, "m-2")]] * 4, load.report()


def test_old_pods_that_leave_before_the_route_lose_requests(gateway: Ingress, fleet: Fleet) -> None:
    _deliver(fleet)
    with fleet.asked(gateway) as load:
        fleet.write(2, day=2)
        fleet.render()
        fleet.start_workloads()
        fleet.prune(1)
        until("requests to fail", load.failed, report=load.report)
        fleet.lead_routes()
        until("m-2 to answer", lambda: load.last(20) == {(200, "m-2")}, report=load.report)
    assert {reply.status for reply in load.failed()} == {503}, load.report()


def test_two_routes_for_one_host_are_merged_without_a_word(gateway: Ingress, fleet: Fleet, kube: Kube) -> None:
    """Why a host has one route that changes hands, and never a second: of two routes, the older one has the host."""
    fleet.write(1)
    fleet.write(2, host=f"other.{fleet.host}")
    fleet.render()
    fleet.start_workloads()

    def made(number: int) -> Tree:
        route = [fleet.destination(number)]
        own = {"match": [{"uri": {"exact": f"/only-m-{number}"}}], "route": route}
        return virtual_service(f"m-{number}", fleet.namespace, fleet.host, gateway.namespace, [own, {"route": route}])

    def answers(number: int) -> set[str]:
        """Return who answers once the gateway has the route of m-<number>, which has a path of its own."""
        until(f"route {number}", lambda: gateway.ask(fleet.host, f"/only-m-{number}").body == f"m-{number}")
        return {gateway.ask(fleet.host).body for _ in range(20)}

    def applied(number: int) -> None:
        fleet.rig.apply([made(number)])
        second = kube.get(*ROUTES, fleet.namespace, f"m-{number}")
        assert second is not None
        until("the next second", lambda: _now() > second["metadata"]["creationTimestamp"])

    applied(1)
    assert answers(1) == {"m-1"}
    applied(2)
    assert answers(2) == {"m-1"}
    assert [tree.get("status") for tree in kube.list(*ROUTES, fleet.namespace)] == [None, None]
    kube.delete(*ROUTES, fleet.namespace, "m-1")
    until("m-2 to answer", lambda: gateway.ask(fleet.host).body == "m-2")
    applied(1)
    assert answers(1) == {"m-2"}, "a route that comes back is the younger one"


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_istio_refuses_nothing_that_is_rendered(gateway: Ingress) -> None:
    folders = [ROOT, *sorted(path for path in (ROOT / "tests" / "cases" / "objects").iterdir() if path.is_dir())]
    repositories = [*(read_spec_files(folder).contents for folder in folders), *map(_edge, EDGES)]
    trees = [tree for specs in repositories for tree in _of_istio(specs)]
    assert {tree["kind"] for tree in trees} == {"DestinationRule", "Gateway", "VirtualService"}
    with gateway.judging():
        assert {why for tree in trees if (why := gateway.verdict(tree))} == set()


def _edge(keys: dict[str, Any]) -> dict[str, bytes]:
    """Return the specs of a service with these keys, and of one beside it."""
    more = {"host": "/a", "ports": "8000", **keys, "environments": {"prod": {"released": "2026-11-02T10:00:00Z"}}}
    shared = {"model": "m", "type": "triton-server", "command": "run"}
    owner = {**shared, "version": "v1", **more}
    other = {**shared, "version": "v2", "ports": "8000,8002", "environments": {"prod": {}}}
    return {f"services/p/a/m-{number}.yaml": dump(spec).encode() for number, spec in ((1, owner), (2, other))}


def _of_istio(specs: dict[str, bytes]) -> list[Tree]:
    """Return the Istio objects of a repository as an API server receives them."""
    made = plan({"services/platform.yaml": PLATFORM.encode(), **specs}, LIBRARY)
    assert [finding for finding in made.findings if finding.severity == "error"] == []
    trees = (entry.tree for entry in expected_manifests(made.fleet, made.routing, LIBRARY))
    return [tree for tree in trees if "istio.io" in tree["apiVersion"]]


def test_verdicts_of_the_api_server_istio_and_our_check(gateway: Ingress, rewrite: bool) -> None:
    with gateway.judging():
        found = "\n".join(_verdicts(gateway, case) for case in RULES)
    if rewrite:
        VERDICTS.write_text(found, encoding="utf-8")
    assert found == VERDICTS.read_text(encoding="utf-8")


def _verdicts(gateway: Ingress, case: dict[str, Any]) -> str:
    """Return the verdicts of the API server, istiod and H16 on a rule, as lines."""
    tree = virtual_service("asked", "default", "asked.example.com", gateway.namespace, case["http"])
    webhook = gateway.verdict(tree)
    ours = "; ".join(fault.message for _, fault in check_object(tree, PLACE))
    said = {
        "API server": gateway.verdict(tree, "default"),
        "istiod": webhook.removeprefix(DENIED) if webhook.startswith(DENIED) else webhook and "not asked",
        "H16": ours,
    }
    lines = (f"  {who + ':':12}{' '.join(why.split()) or '-'}\n" for who, why in said.items())
    return "".join((f"{case['name']}\n", *lines))
