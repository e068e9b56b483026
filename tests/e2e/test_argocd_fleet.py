"""A fleet delivered by Argo CD: it is applied in order, stays in sync, edits arrive, and removed parts are deleted."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from tests.e2e.argocd_apps import KIND, NAMESPACE, log, operation
from tests.e2e.serving import service
from tests.e2e.timeline import ROUTES
from tests.e2e.usage import use
from tests.e2e.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.argocd_apps import Delivery
    from tests.e2e.kube import Kube, Tree
    from tests.e2e.rig import Rig

pytestmark = [pytest.mark.argocd, pytest.mark.paper]

DEPLOYMENTS = ("apps/v1", "deployments")
_FACTS = """\
    network_policy: {}
    sidecars: {cni: true}
    external: {mode: nodePort, addresses: [10.0.0.7], reserved: []}
    priorities: {whole-high: {value: 1000, description: people wait}}
"""
_PROJECT = """\
environments:
  whole-prod:
    quota: {cpu: 200, memory: 1024Gi, pods: 100}
"""
_HOST = "host: http://whole.example.com/docs"


def test_a_fleet_gets_there_in_order_and_has_no_permanent_difference(
    deliver: Callable[..., Delivery],
) -> None:
    argocd = deliver("whole", facts=_FACTS, stages=("prod", "test"))
    own = argocd.repository
    own.write(
        {
            "services/vision/project.yaml": _PROJECT,
            "services/vision/detector/detector-1.yaml": service(
                "detector",
                "1",
                *("id: 251", _HOST, "ports: 8000,8002", "replicas: {min: 2, max: 6, start: 3}"),
                *("hpa: cpu:50%,mem:80%", "priority: whole-high", "resources: {cpu: 1~2, memory: 1.5G}"),
                *("config: {config.pbtxt: 'max_batch_size: 8', empty.txt: ''}", "split: detector-2:20%"),
                *("mirror: reader-1:10%", "headers: [{name: x-service, service: detector-2}]"),
                *("traffic: {outliers: {errors: 3}, warmup: 90s}", "env: {A: 'on', B: '', C: {secret: hub/token}}"),
                *("labels: {team: vision}", "annotations: {note: '1'}"),
            ),
            "services/vision/detector/detector-2.yaml": service("detector", "2", _HOST, "ports: 8000,8002"),
            "services/vision/reader/reader-1.yaml": service(
                "reader",
                "1",
                "replicas: 2",
                "ports: 8000,8002",
                "health: shell:true",
                "command: [serve, --all]",
                "sidecar: istio",
            ),
            "services/speech/words/words-1.yaml": service("words", "1", "type: serving", "image: words:1").replace(
                "type: triton-server\n", "", 1
            ),
        }
    )
    for name in ("detector-2", "reader-1", "detector-1", "words-1"):
        for stage in ("test", "prod"):
            own.servegen("deploy", name, own.environment(stage))
    revision = own.push()
    argocd.bootstrap()
    argocd.arrived(revision)

    assert len(argocd.applications()) == 10
    platform = argocd.find("platform/whole")
    assert platform is not None
    synced = operation(platform)["finishedAt"]
    for stage in ("test", "prod"):
        assert argocd.parent(stage)["metadata"]["creationTimestamp"] >= synced

    before = _operations(argocd)
    for level in ("normal", "normal", "normal", "normal", "hard"):
        argocd.refreshed(level)
        assert [one["status"]["sync"]["status"] for one in argocd.applications()] == ["Synced"] * 10, argocd.report()
        assert _operations(argocd) == before, argocd.report()


def _operations(argocd: Delivery) -> dict[str, tuple[str, int]]:
    """Return when each Application's last operation began, and how often it has been synced."""
    return {
        one["metadata"]["name"]: (operation(one)["startedAt"], len(one["status"]["history"]))
        for one in argocd.applications()
    }


@pytest.mark.long
@pytest.mark.own
def test_edits_arrive_and_manual_changes_are_distinguished_from_autoscaling(
    rig: Rig, kube: Kube, deliver: Callable[..., Delivery]
) -> None:
    argocd = deliver("edits")
    own, namespace = argocd.repository, argocd.repository.namespace("vision")
    own.write(
        {
            "services/vision/detector/scaled-1.yaml": service(
                "scaled", "1", "replicas: 2~6", "hpa: cpu:50%", "config: {a.txt: one}"
            ),
            "services/vision/detector/fixed-1.yaml": service("fixed", "1", "replicas: 2"),
            "services/vision/reader/reader-1.yaml": service("reader", "1"),
        }
    )
    for name in ("scaled-1", "fixed-1", "reader-1"):
        own.servegen("deploy", name, own.environment())
    argocd.bootstrap_at(own.push())

    def replicas(name: str) -> int:
        return int((kube.get(*DEPLOYMENTS, namespace, name) or {})["spec"]["replicas"])

    def configs() -> set[str]:
        return {one["metadata"]["name"] for one in kube.list("v1", "configmaps", namespace)} - {"kube-root-ca.crt"}

    # An edit of one app: no other app is synced, the old ConfigMap is deleted, and the fixed count is applied.
    first, other = configs(), operation(argocd.of("vision/reader"))
    own.edit("vision/detector/scaled-1", "one", "two")
    own.edit("vision/detector/fixed-1", "replicas: 2", "replicas: 3")
    argocd.arrived(own.push())
    assert operation(argocd.of("vision/reader")) == other
    assert len(configs()) == len(first) == 3
    assert {name[:11] for name in first - configs()} == {"scaled-1-co"}
    assert replicas("fixed-1") == 3

    # Changes by hand are reverted.
    host = "fixed-1.edits.example.com-80"
    kube.patch(*ROUTES, namespace, host, {"spec": {"hosts": ["elsewhere.example.com"]}})
    kube.patch(*DEPLOYMENTS, namespace, "fixed-1", {"spec": {"replicas": 1}})
    until("the route is healed", lambda: _hosts(kube, namespace, host) == ["fixed-1.edits.example.com"])
    until("the count is healed", lambda: replicas("fixed-1") == 3)

    # Changes by an autoscaler are kept, also by the syncs of later commits.
    use(rig, namespace, cpu="2000m")
    until("it is scaled up", lambda: replicas("scaled-1") >= 4)
    for _ in range(3):
        argocd.refreshed()
        assert replicas("scaled-1") >= 4
    own.edit("vision/detector/scaled-1", "two", "three")
    argocd.arrived(own.push())
    assert replicas("scaled-1") >= 4

    # A change from an autoscaler to a fixed count.
    own.edit("vision/detector/scaled-1", "replicas: 2~6", "replicas: 1")
    argocd.arrived(own.push())
    until("it is fixed", lambda: replicas("scaled-1") == 1, report=argocd.report)
    assert kube.list("autoscaling/v2", "horizontalpodautoscalers", namespace) == []


@pytest.mark.own
def test_what_leaves_the_specs_leaves_the_cluster_and_what_loses_its_application_stays(
    rig: Rig, kube: Kube, deliver: Callable[..., Delivery]
) -> None:
    argocd = deliver("leaving")
    own, namespace = argocd.repository, argocd.repository.namespace("vision")
    specs = {"detector/detector-1": "detector", "detector/sibling-1": "sibling", "reader/reader-1": "reader"}
    own.write({f"services/vision/{path}.yaml": service(model, "1") for path, model in specs.items()})
    for path in specs:
        own.servegen("deploy", path.partition("/")[2], own.environment())
    argocd.bootstrap_at(own.push())

    def objects(app: str) -> set[str]:
        return {f"{one['kind']}/{one['name']}" for one in argocd.of(app)["status"]["resources"]}

    def running() -> set[str]:
        return {one["metadata"]["name"] for one in kube.list(*DEPLOYMENTS, namespace)}

    # Undeploy one of an app's services, then the last one.
    own.servegen("undeploy", "sibling-1", own.environment())
    argocd.arrived(own.push())
    assert running() == {"detector-1", "reader-1"}
    own.servegen("undeploy", "detector-1", own.environment())
    argocd.arrived(own.push())
    assert objects("vision/detector") == {"ConfigMap/servegen-detector"}
    assert running() == {"reader-1"}

    # Retire the app: its Application is deleted, and the marker ConfigMap stays.
    own.servegen("retire", "vision/detector", "--yes")
    revision = own.push()
    argocd.arrived(revision)
    assert argocd.find("vision/detector/overlays/leaving-prod") is None
    assert kube.get("v1", "configmaps", namespace, "servegen-detector") is not None

    # An Application that is deleted by mistake: its pods keep serving, and its parent creates it again.
    reader, serving = argocd.of("vision/reader")["metadata"], _uid(kube, namespace, "reader-1")
    kube.delete(*KIND, NAMESPACE, reader["name"])
    until("it is made anew", lambda: _anew(argocd, reader["uid"]), report=argocd.report)
    assert _uid(kube, namespace, "reader-1") == serving

    # An Application that is to be deleted with its objects: they stay until a user confirms.
    argocd.arrived(revision)
    reader = argocd.of("vision/reader")["metadata"]
    kube.patch(*KIND, NAMESPACE, reader["name"], _finalizers("resources-finalizer.argocd.argoproj.io"))
    kube.delete(*KIND, NAMESPACE, reader["name"])
    asked = "requires manual confirmation to delete"
    until("it waits", lambda: any(asked in line for line in _about(rig, reader["name"])), report=argocd.report)
    assert _uid(kube, namespace, "reader-1") == serving
    approved = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"
    annotations = {"argocd.argoproj.io/deletion-approved": approved}
    kube.patch(*KIND, NAMESPACE, reader["name"], {"metadata": {"annotations": annotations}})
    until("it is gone", lambda: _uid(kube, namespace, "reader-1") != serving, report=argocd.report)


def _hosts(kube: Kube, namespace: str, name: str) -> list[str]:
    hosts: list[str] = (kube.get(*ROUTES, namespace, name) or {})["spec"]["hosts"]
    return hosts


def _uid(kube: Kube, namespace: str, name: str) -> str | None:
    found = kube.get(*DEPLOYMENTS, namespace, name)
    return found["metadata"]["uid"] if found else None


def _anew(argocd: Delivery, uid: str) -> bool:
    found = argocd.find("vision/reader/overlays/leaving-prod")
    return found is not None and found["metadata"]["uid"] != uid


def _finalizers(*names: str) -> Tree:
    return {"metadata": {"finalizers": list(names)}}


def _about(rig: Rig, application: str) -> list[str]:
    return [line for line in log(rig, "argocd-application-controller") if application in line]
