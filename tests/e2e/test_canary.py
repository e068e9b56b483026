"""Canaries by servegen's own commands: the shares that clients get, and the order in which Argo CD makes them."""

from __future__ import annotations

import math
import secrets
from typing import TYPE_CHECKING, Final

import pytest

from tests.e2e.byhand import Fleet
from tests.e2e.pods import PORT
from tests.e2e.serving import service
from tests.e2e.timeline import ROUTES
from tests.e2e.waiting import until
from tests.support.clones import head
from tests.support.command import servegen
from tests.support.strange_server import data, strange_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.argocd_apps import Delivery
    from tests.e2e.clients import Load
    from tests.e2e.istio import Ingress
    from tests.e2e.kube import Kube
    from tests.e2e.rig import Rig

pytestmark = pytest.mark.argocd

HOST: Final = "detector.example.com"
_COUNTED: Final = 600


def _canary(fleet: Fleet, more: str = "") -> None:
    """Write the spec of m-2, which is not deployed yet."""
    lines = (f"ports: {PORT}", "replicas: 2", f"host: {fleet.host}")
    stanza = f"environments:\n  {fleet.repository.environment()}:\n{more}" if more else ""
    fleet.repository.write({"services/p/a/m-2.yaml": service("m", "2", *lines) + stanza})


def _is_near(share: float, found: int, total: int, deviations: float) -> bool:
    return abs(found - share * total) <= deviations * math.sqrt(share * (1 - share) * total)


def _gets(load: Load, percent: int) -> None:
    """Wait until the gateway has the new share, then count: m-2 gets `percent` of the requests."""
    marks = [load.mark()]

    def seen() -> bool:
        counts = load.since(marks[-1])
        if counts.total() < 150:
            return False
        marks.append(load.mark())
        return _is_near(percent / 100, counts[200, "m-2"], counts.total(), 3)

    until(f"m-2 gets {percent} %", seen, report=load.report)
    mark = load.mark()
    until(f"{_COUNTED} requests", lambda: load.since(mark).total() >= _COUNTED, report=load.report)
    counts = load.since(mark)
    assert set(counts) == {(200, "m-1"), (200, "m-2")}, load.report()
    # Five standard deviations: a false failure once in two million runs.
    assert _is_near(percent / 100, counts[200, "m-2"], counts.total(), 5), counts


@pytest.mark.istio
@pytest.mark.pods
@pytest.mark.long
def test_a_canary_from_ten_percent_to_all_of_a_host_and_an_abort_lose_no_request(
    rig: Rig, kube: Kube, gateway: Ingress, deliver: Callable[..., Delivery]
) -> None:
    delivery = deliver(f"canary-{secrets.token_hex(3)}")
    fleet, user = Fleet(rig, delivery.repository, PORT), delivery.repository
    gateway.lead_to(user)
    fleet.write(1)
    _canary(fleet)

    def run(*command: str) -> None:
        """Run a command for m-2, and wait until Argo CD has synced what it wrote."""
        name, *options = command
        user.servegen(name, "m-2", user.environment(), *options)
        delivery.arrived(user.push())

    with gateway.judging(fleet.namespace):
        delivery.bootstrap_at(user.push())
        with fleet.asked(gateway) as load:
            run("deploy", "--manual")
            run("canary", "--weight", "10")
            _gets(load, 10)
            run("canary", "--weight", "50")
            _gets(load, 50)
            run("canary", "--abort")
            until("m-1 to answer alone", lambda: load.last(40) == {(200, "m-1")}, report=load.report)
            assert kube.get("apps/v1", "deployments", fleet.namespace, "m-2") is not None
            run("canary", "--weight", "10")
            _gets(load, 10)
            run("canary", "--promote")
            until("m-2 to answer alone", lambda: load.last(40) == {(200, "m-2")}, report=load.report)
            until("m-1 to be gone", lambda: kube.get("apps/v1", "deployments", fleet.namespace, "m-1") is None)
            taken = load.mark()
            until("requests after that", lambda: load.since(taken).total() >= _COUNTED, report=load.report)
    assert load.failed() == [], load.report()
    assert set(load.since(taken)) == {(200, "m-2")}, load.report()


@pytest.mark.paper
def test_a_rollout_is_delivered_step_by_step_and_taken_back(deliver: Callable[..., Delivery]) -> None:
    """Each step is a commit, with which Argo CD is in sync: nothing changes a share behind its back."""
    delivery = deliver("rollout", facts="    prometheus: {address: 'http://prometheus:9090'}\n")
    user, kube = delivery.repository, delivery.kube
    shared = f"host: {HOST}"
    namespace, environment = user.namespace("vision"), user.environment()
    plan = "10%,50%,100% every 1s while error_rate < 0.01"
    stanza = f"environments:\n  {environment}:\n    rollout: {plan}\n"
    user.write({"services/vision/detector/detector-1.yaml": service("detector", "1", shared, "replicas: 1")})
    user.servegen("deploy", "detector-1", environment)
    delivery.bootstrap_at(user.push())
    user.write({"services/vision/detector/detector-2.yaml": service("detector", "2", shared, "replicas: 1") + stanza})
    user.servegen("deploy", "detector-2", environment)
    delivery.arrived(user.push())

    def shares() -> dict[str, int]:
        """Return the weights of the route in the cluster."""
        route = kube.get(*ROUTES, namespace, f"{HOST}-80")
        assert route is not None
        found = route["spec"]["http"][-1]["route"]
        return {one["destination"]["host"].partition(".")[0]: one.get("weight", 100) for one in found}

    def advance(value: str) -> dict[str, int]:
        """Make a step, as CI does, with a Prometheus that gives this value; return the shares after the sync."""
        answer = {"data": {"resultType": "scalar", "result": [0, value]}}
        with strange_server({"": data(answer)}) as prometheus:
            done = servegen(user.root, "advance", "--push", "--prometheus", f"{user.name}={prometheus.address}")
        assert done.returncode == 0, done.stdout + done.stderr
        delivery.arrived(head(user.root))
        return shares()

    assert shares() == {"detector-1": 100}
    assert advance("0") == {"detector-1": 90, "detector-2": 10}
    assert advance("0") == {"detector-1": 50, "detector-2": 50}
    assert advance("0.5") == {"detector-1": 100}
    assert kube.get("apps/v1", "deployments", namespace, "detector-2") is not None
    assert advance("0") == {"detector-1": 100}, "it does not begin again by itself"

    user.servegen("deploy", "detector-2", environment)  # which begins it again
    user.push()
    assert advance("0") == {"detector-1": 90, "detector-2": 10}
    assert advance("0") == {"detector-1": 50, "detector-2": 50}
    assert advance("0") == {"detector-2": 100}
    until(
        "detector-1 to be gone",
        lambda: kube.get("apps/v1", "deployments", namespace, "detector-1") is None,
        report=delivery.report,
    )
