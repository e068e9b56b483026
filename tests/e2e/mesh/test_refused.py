"""Why bad rules are rejected before the merge: what they do to a gateway that receives them.

The stub of the Kubernetes API rejects nothing, like an API server that has no Istio webhook or fails to call it. Envoy
accepts a port's routes only as a whole, so an error of one host blocks the changes of all.
`tests/checks/objects/test_route_table.py` tests that the check H16 rejects each of these rules.
"""

from __future__ import annotations

from typing import Any, Final

import pytest
import yaml

from tests.conftest import ROOT
from tests.e2e.mesh.mesh import GATEWAYS
from tests.e2e.mesh.rig import Rig, until
from tests.support.one_app import objects, service

CASES: Final[list[dict[str, Any]]] = yaml.safe_load(
    (ROOT / "tests" / "cases" / "refused-routes.yaml").read_text(encoding="utf-8")
)
HOST, OTHER = "x.example.com", "y.example.com"
STANDING, PORTS = f"host: {HOST}\n", "ports: 8000,8002\n"


def _fleet(other: str = "") -> list[dict[str, Any]]:
    """Return a fleet with a host on one port of the gateway and another on both, whose keys may change."""
    return objects(service(1, STANDING), service(2, PORTS), service(3, f"{PORTS}host: {OTHER}\n{other}"))


def _patched(trees: list[dict[str, Any]], http: list[dict[str, Any]]) -> list[dict[str, Any]]:
    def patched(tree: dict[str, Any]) -> dict[str, Any]:
        return {**tree, "spec": {**tree["spec"], "http": http}} if tree["metadata"]["name"] == f"{HOST}-80" else tree

    return [patched(tree) for tree in trees]


def _named(effect: str) -> list[Any]:
    return [
        pytest.param(case, id=case["name"]) for case in CASES if (case["effect"] == "served") == (effect == "served")
    ]


def _others(rig: Rig) -> dict[int, str]:
    """Return who answers for the other host on each port."""
    return {port: rig.ask(OTHER, port=port).body for port in GATEWAYS}


@pytest.mark.parametrize("case", _named("held up"))
def test_one_route_holds_up_the_changes_of_all(rig: Rig, case: dict[str, Any]) -> None:
    rig.feed(_fleet())
    before = rig.rejected()
    rig.send(_patched(_fleet(), case["http"]))
    until("Envoy to refuse the routes", lambda: rig.rejected() > before)

    between = rig.rejected()
    revision = rig.send(_patched(_fleet("split: m-2:100%\n"), case["http"]))
    until("Envoy to refuse the other host's change", lambda: rig.rejected() > between)
    old = {80: "p-prod/m-3:8000", 8080: "p-prod/m-3:8002"}
    held_up = old if case["effect"] == "gateway" else {80: old[80]}
    assert _others(rig).items() >= held_up.items()
    assert [port for port in held_up if rig.has(revision, port)] == []
    assert rig.ask(HOST).body == "p-prod/m-1:8000"

    rig.feed(_fleet("split: m-2:100%\n"))  # without the patch, all blocked changes arrive
    assert _others(rig) == {80: "p-prod/m-2:8000", 8080: "p-prod/m-2:8002"}


@pytest.mark.parametrize("case", _named("served"))
def test_an_accepted_route_that_is_served_differently(rig: Rig, case: dict[str, Any]) -> None:
    rig.feed(_fleet())
    before = rig.rejected()
    rig.feed(_patched(_fleet("split: m-2:100%\n"), case["http"]))
    answers = [rig.ask(HOST, "/v2") for _ in range(20)]
    for answer in answers:
        found = {"status": answer.status, "body": answer.body, "location": answer.headers.get("location")}
        assert found.items() >= case["answer"].items()
    until("the copies", rig.idle)
    assert len(rig.backend("p-prod", "m-2", 8000).seen) == case.get("copies", 0)
    assert _others(rig) == {80: "p-prod/m-2:8000", 8080: "p-prod/m-2:8002"}
    assert rig.rejected() == before
