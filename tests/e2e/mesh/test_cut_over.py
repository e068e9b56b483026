"""Two routes for one host, as docs/cut-over.md describes them: the older one has it, and can lead to the new pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.support.one_app import objects, service

if TYPE_CHECKING:
    from tests.e2e.mesh.rig import Rig

HOST: Final = "m-1.service.example.com"
OLD, NEW = "service/m-1:8000", "p-prod/m-1:8000"


def _old(created: str, **weights: int) -> list[dict[str, Any]]:
    """Return a Service as cube-studio creates it in its one namespace, and its route.

    `weights` are the route's shares by namespace.
    """
    route = [
        {
            "destination": {"host": f"m-1.{namespace}.svc.cluster.local", "port": {"number": 8000}},
            **({"weight": weight} if len(weights) > 1 else {}),
        }
        for namespace, weight in ((name.replace("_", "-"), weight) for name, weight in weights.items())
    ]
    ports = [{"name": "http0", "port": 8000, "targetPort": 8000, "protocol": "TCP"}]
    labels = {"app": "m-1", "user": "admin", "pod-type": "inference"}
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "m-1", "namespace": "service", "labels": labels},
            "spec": {"selector": labels, "ports": ports},
        },
        {
            "apiVersion": "networking.istio.io/v1",
            "kind": "VirtualService",
            "metadata": {"name": "m-1", "namespace": "service", "creationTimestamp": created},
            "spec": {
                "hosts": [HOST],
                "gateways": ["istio-system/serving"],
                "http": [{"route": route, "timeout": "3000s"}],
            },
        },
    ]


def _answers(rig: Rig, requests: int = 40) -> set[str]:
    return {rig.ask(HOST, "/v1/x").body for _ in range(requests)}


def test_a_host_moves_without_a_gap_and_back(rig: Rig) -> None:
    ours = objects(service(1))
    older, newer = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
    rig.feed([*ours, *_old(older, service=100)])
    assert _answers(rig) == {OLD}
    rig.feed([*ours, *_old(older, service=90, p_prod=10)])
    # A share of 10 % goes unseen in 40 requests once in 70 runs, and in 400 once in 10^18.
    assert _answers(rig, requests=400) == {OLD, NEW}
    rig.feed([*ours, *_old(older, p_prod=100)])
    assert _answers(rig) == {NEW}
    rig.feed([*ours, *_old(older, service=100)])
    assert _answers(rig) == {OLD}
    rig.feed([*ours, _old(older, service=100)[0]])
    assert _answers(rig) == {NEW}
    rig.feed([*ours, *_old(newer, service=100)])
    assert _answers(rig) == {NEW}, "a route that comes back is the younger one"
