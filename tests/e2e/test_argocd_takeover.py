"""Takeovers by Argo CD, sampled every 50 ms: in no sample has the host's owner fewer ready pods than its minimum."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT
from tests.e2e import chart
from tests.e2e.argocd_apps import Delivery, end_operation, operation
from tests.e2e.questions import asked
from tests.e2e.serving import SLOW, STUCK, service
from tests.e2e.timeline import Timeline
from tests.e2e.usage import use
from tests.e2e.waiting import until
from tests.support.clones import git
from tests.support.command import servegen

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.kube import Tree
    from tests.e2e.repository import Repository

pytestmark = [pytest.mark.argocd, pytest.mark.paper]

APP = "vision/detector"
HOST = "detector.example.com"
SHARED = f"host: {HOST}"
# It is not deleted after the test: pods of other tests may have been scheduled to it.
_NODE: Tree = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "gpu-of-metric", "annotations": {"kwok.x-k8s.io/node": "fake"}},
    "status": {
        "capacity": {"cpu": "64", "memory": "1Ti", "ephemeral-storage": "1Ti", "pods": "500", "nvidia.com/gpu": "8"}
    },
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A delivered fleet in which services of one app take over one host."""

    argocd: Delivery

    @property
    def repository(self) -> Repository:
        return self.argocd.repository

    @property
    def namespace(self) -> str:
        return self.repository.namespace("vision")

    def write(self, **specs: str) -> None:
        """Write specs of the app; the argument `detector_1` is the spec of detector-1."""
        files = {name.replace("_", "-"): text for name, text in specs.items()}
        self.repository.write({f"services/{APP}/{name}.yaml": text for name, text in files.items()})

    def push(self, *commands: tuple[str, str]) -> str:
        """Run commands such as ("deploy", "detector-2") in the environment, push the result, and return the commit."""
        for command, subject in commands:
            self.repository.servegen(command, subject, self.repository.environment())
        return self.repository.push()

    def begin(self, *commands: tuple[str, str]) -> None:
        """Deliver the state in which a test begins."""
        self.argocd.bootstrap_at(self.push(*commands))

    def asked(self) -> list[str]:
        """Return the Applications that a command of `servegen doctor` lists."""
        return asked(self.argocd.rig, self.repository.root, "not Synced and Healthy")

    def watched(self) -> Timeline:
        return Timeline(self.argocd.kube, self.namespace, HOST)

    def workload(self, name: str) -> Tree | None:
        return self.argocd.kube.get("apps/v1", "deployments", self.namespace, name)

    def replicas(self, name: str) -> int:
        """Return the number of pods that a Deployment requests; 0 if it does not exist."""
        found = self.workload(name)
        return int(found["spec"]["replicas"]) if found else 0

    def objects(self, name: str) -> list[str]:
        """Return the existing objects of a service, as plural/name."""
        kinds = {
            "apps/v1": "deployments",
            "autoscaling/v2": "horizontalpodautoscalers",
            "policy/v1": "poddisruptionbudgets",
            "networking.k8s.io/v1": "networkpolicies",
        }
        core = dict.fromkeys(("services", "serviceaccounts", "configmaps"), "v1")
        pairs = [*kinds.items(), *((version, plural) for plural, version in core.items())]
        selector = f"app.kubernetes.io/instance={name}"
        return [
            f"{plural}/{tree['metadata']['name']}"
            for version, plural in pairs
            for tree in self.argocd.kube.list(version, plural, self.namespace, labelSelector=selector)
        ]


@pytest.fixture
def staged(deliver: Callable[..., Delivery]) -> Callable[[str], Stage]:
    """A function that creates a fleet of the test's own with a given name, without services."""
    facts = "    metrics: {gpu: {name: gpu_utilization}}\n"
    return lambda name: Stage(deliver(name, facts=facts))


def _owners(seen: Timeline) -> list[tuple[str, ...]]:
    """Return the successive owners of the host."""
    return list(dict.fromkeys(moment.owners for moment in seen.moments))


def _fewest(seen: Timeline) -> int:
    """Return the smallest number of ready pods that an owner had in any sample."""
    return min(moment.served for moment in seen.moments)


def _left_last(seen: Timeline, old: str, new: str, minimum: int) -> None:
    """Check that the host moved from one service to the other, and that the old pods were deleted after that.

    The owner must have had at least `minimum` ready pods in each sample.
    """
    assert _owners(seen) == [(old,), (new,)], seen.report()
    assert _fewest(seen) >= minimum, seen.report()
    until(f"nobody counts the pods of {old}", lambda: seen.now().ready.get(old, 0) == 0, report=seen.report)


def test_a_takeover_and_its_rollback_have_no_gap(staged: Callable[[str], Stage]) -> None:
    stage = staged("gap")
    stage.write(
        detector_1=service("detector", "1", SHARED, "replicas: 2~4", "hpa: cpu:50%"),
        detector_2=service("detector", "2", SHARED, "replicas: 3", "config: {a.txt: two}", pods=SLOW),
    )
    stage.begin(("deploy", "detector-1"))
    with stage.watched() as forth:
        stage.argocd.arrived(stage.push(("deploy", "detector-2")))
    _left_last(forth, "detector-1", "detector-2", 2)
    assert stage.objects("detector-1") == []
    chart.draw("takeover-argocd", "One commit, synced by Argo CD: detector-2 takes over", forth.moments, 2)

    with stage.watched() as back:
        stage.argocd.arrived(stage.push(("rollback", HOST)))
    _left_last(back, "detector-2", "detector-1", 2)
    assert stage.objects("detector-2") == []


def test_many_pods_that_get_ready_at_once_are_all_known_when_they_take_over(staged: Callable[[str], Stage]) -> None:
    stage = staged("many")
    stage.write(
        detector_1=service("detector", "1", SHARED, "replicas: 2"),
        detector_2=service("detector", "2", SHARED, "replicas: 20", pods=SLOW),
    )
    stage.begin(("deploy", "detector-1"))
    with stage.watched() as seen:
        stage.argocd.arrived(stage.push(("deploy", "detector-2")))
    _left_last(seen, "detector-1", "detector-2", 2)
    assert {moment.served for moment in seen.moments if moment.owners == ("detector-2",)} == {20}, seen.report()


@pytest.mark.long
def test_a_version_that_never_gets_ready_never_takes_the_host(staged: Callable[[str], Stage]) -> None:
    stage = staged("stuck")
    stage.write(
        detector_1=service("detector", "1", SHARED, "replicas: 2~4", "hpa: cpu:50%"),
        detector_2=service("detector", "2", SHARED, "replicas: 2", pods=STUCK, deadline=12),
        detector_3=service("detector", "3", SHARED, "replicas: 2", pods=STUCK),
    )
    stage.begin(("deploy", "detector-1"))
    with stage.watched() as seen:
        # The rollout deadline ends the wait.
        stage.push(("deploy", "detector-2"))
        stage.argocd.refresh()
        until("it has failed", lambda: operation(stage.argocd.of(APP)).get("retryCount"), report=stage.argocd.report)
        assert stage.argocd.of(APP)["status"]["health"]["status"] == "Degraded"
        (row,) = stage.asked()
        assert row.split()[:3] == [stage.argocd.of(APP)["metadata"]["name"], "OutOfSync", "Degraded"]
        stage.argocd.arrived(stage.push(("rollback", HOST)))
        assert stage.objects("detector-2") == []
        assert stage.asked() == []

        # Instead of waiting 20 minutes for the deadline, terminate the running operation, as docs/traffic.md describes.
        stage.push(("deploy", "detector-3"))
        stage.argocd.refresh()
        until("it has begun", lambda: stage.workload("detector-3"), report=stage.argocd.report)
        said = stage.repository.servegen("rollback", HOST, stage.repository.environment())
        assert f"app terminate-op {stage.argocd.of(APP)['metadata']['name']}\n" in said
        revision = stage.push()
        stage.argocd.refreshed()
        assert operation(stage.argocd.of(APP))["phase"] == "Running", stage.argocd.report()
        end_operation(stage.argocd, APP)
        stage.argocd.arrived(revision)
        assert stage.objects("detector-3") == []
    assert _owners(seen) == [("detector-1",)], seen.report()
    assert _fewest(seen) >= 2, seen.report()


def test_apply_out_of_sync_only_is_refused_since_it_turns_a_host_to_pods_that_are_not_ready(
    staged: Callable[[str], Stage],
) -> None:
    stage = staged("partial")
    stage.write(
        detector_1=service("detector", "1", SHARED, "replicas: 2"),
        detector_2=service("detector", "2", SHARED, "replicas: 2", pods=STUCK, deadline=12),
    )
    stage.begin(("deploy", "detector-1"))
    root = stage.repository.root
    catalog = "templates/delivery/argocd/application.yaml.j2"
    text = (ROOT / catalog).read_text(encoding="utf-8")
    stage.repository.write({catalog: text.replace("PruneLast=true", "PruneLast=true\n      - ApplyOutOfSyncOnly=true")})
    refused = servegen(root, "render")
    assert refused.returncode == 1
    assert "found ApplyOutOfSyncOnly=true" in refused.stdout + refused.stderr
    assert "[D03]" in refused.stdout + refused.stderr

    # A user adds the option all the same, bypassing servegen.
    (root / catalog).unlink()
    stage.repository.servegen("deploy", "detector-2", stage.repository.environment())
    stage.repository.servegen("render")
    (file,) = root.glob("rendered/argocd/*-prod/vision-detector.yaml")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("- PruneLast=true", "- PruneLast=true\n      - ApplyOutOfSyncOnly=true"), "utf-8")
    git(root, "add", "services", "rendered")
    git(root, "commit", "-qm", "by hand")
    # The parent is synced first, as can happen, so that the app's next operation has the option.
    git(root, "push", "-q", "origin", "HEAD:main")
    stage.argocd.refresh(stage.argocd.parent())
    until("the option is there", lambda: "ApplyOutOfSyncOnly=true" in _options(stage), report=stage.argocd.report)
    with stage.watched() as seen:
        stage.argocd.refresh(stage.argocd.of(APP))
        until("the host leads to nobody", lambda: seen.now().served == 0, report=stage.argocd.report)
    assert _owners(seen)[-1] == ("detector-2",), seen.report()


def _options(stage: Stage) -> list[str]:
    options: list[str] = stage.argocd.of(APP)["spec"]["syncPolicy"]["syncOptions"]
    return options


def test_an_autoscaler_without_its_metric_does_not_keep_the_old_version(staged: Callable[[str], Stage]) -> None:
    stage = staged("metric")
    stage.argocd.rig.apply([_NODE])
    stage.write(
        detector_1=service("detector", "1", SHARED, "replicas: 2~4", "hpa: cpu:50%"),
        detector_2=service("detector", "2", SHARED, "replicas: 2~4", "hpa: gpu:50%", "resources: {gpu: 1}"),
    )
    stage.begin(("deploy", "detector-1"))
    with stage.watched() as seen:
        stage.argocd.arrived(stage.push(("deploy", "detector-2")))
    _left_last(seen, "detector-1", "detector-2", 2)
    kube, of_hpa = stage.argocd.kube, ("autoscaling/v2", "horizontalpodautoscalers")
    conditions = (kube.get(*of_hpa, stage.namespace, "detector-2") or {})["status"]["conditions"]
    assert [one["status"] for one in conditions if one["type"] == "ScalingActive"] == ["False"]


@pytest.mark.long
def test_a_sibling_that_cannot_start_holds_back_its_app_and_no_other(staged: Callable[[str], Stage]) -> None:
    stage = staged("sibling")
    stage.write(
        detector_1=service("detector", "1", SHARED, "replicas: 2"),
        detector_2=service("detector", "2", SHARED, "replicas: 2"),
        sibling_1=service("sibling", "1", "replicas: 1"),
    )
    stage.repository.write({"services/vision/reader/reader-1.yaml": service("reader", "1", "replicas: 1")})
    stage.begin(("deploy", "detector-1"), ("deploy", "sibling-1"), ("deploy", "reader-1"))
    broken = service("sibling", "1", "replicas: 1", pods=STUCK, deadline=12)
    with stage.watched() as seen:
        stage.repository.edit("vision/detector/sibling-1", service("sibling", "1", "replicas: 1"), broken)
        stage.push()
        stage.argocd.refresh()
        until("it has failed", lambda: operation(stage.argocd.of(APP)).get("retryCount"), report=stage.argocd.report)
        stage.repository.edit("vision/reader/reader-1", "replicas: 1", "replicas: 2")
        stage.argocd.app_arrived("vision/reader", stage.push(("deploy", "detector-2")))
        until("detector-2 is ready", lambda: seen.now().ready.get("detector-2") == 2, report=stage.argocd.report)
        assert stage.argocd.of(APP)["status"]["health"]["status"] == "Degraded"
        assert seen.now().owners == ("detector-1",)

        stage.repository.edit("vision/detector/sibling-1", broken, service("sibling", "1", "replicas: 1"))
        stage.argocd.arrived(stage.push())
    _left_last(seen, "detector-1", "detector-2", 2)


@pytest.mark.long
@pytest.mark.own
def test_replicas_of_autoscalers_are_kept_in_any_order_of_app_and_parent(
    staged: Callable[[str], Stage],
) -> None:
    stage, start = staged("scaled"), "replicas: {min: 3, max: 10, start: 5}"
    stage.write(
        detector_1=service("detector", "1", SHARED, "replicas: 4~8", "hpa: cpu:50%", "split: canary-1:20%"),
        detector_2=service("detector", "2", SHARED, start, "hpa: cpu:50%", pods=SLOW),
        detector_3=service("detector", "3", SHARED, "replicas: 2~4", "hpa: cpu:50%", pods=STUCK, deadline=12),
        canary_1=service("canary", "1", "replicas: 1"),
    )
    stage.begin(("deploy", "canary-1"), ("deploy", "detector-1"))
    use(stage.argocd.rig, stage.namespace, cpu="2000m")
    until("it has 8 pods", lambda: stage.watched().now().ready["detector-1"] == 8, report=stage.argocd.report)
    with stage.watched() as seen:
        # A version that fails is rolled back, and the parent Application is synced last.
        revision = stage.push(("deploy", "detector-3"))
        stage.argocd.refresh()
        until("it has failed", lambda: operation(stage.argocd.of(APP)).get("retryCount"), report=stage.argocd.report)
        until("the parent is there", lambda: stage.argocd.parent()["status"]["sync"]["revision"] == revision)
        stage.argocd.hold(stage.argocd.parent())
        stage.argocd.app_arrived(APP, stage.push(("rollback", HOST)))
        assert stage.replicas("detector-1") == 8

        # A takeover in which a target of the old version's split is undeployed too.
        revision = stage.push(("deploy", "detector-2"), ("undeploy", "canary-1"))
        stage.argocd.app_arrived(APP, revision)
        until("it has 10 pods", lambda: seen.now().ready["detector-2"] == 10, report=stage.argocd.report)
        stage.argocd.app_arrived(APP, revision)
        assert stage.replicas("detector-2") == 10
        stage.argocd.hold(stage.argocd.parent(), held=False)
        stage.argocd.arrived(revision)
    assert _owners(seen) == [("canary-1", "detector-1"), ("detector-2",)], seen.report()
    before = [moment.ready for moment in seen.moments if "detector-1" in moment.owners]
    assert {ready["detector-1"] for ready in before} == {8}, seen.report()
    assert {ready["canary-1"] for ready in before} == {1}, seen.report()
    after = [moment.served for moment in seen.moments if moment.owners == ("detector-2",)]
    assert after == sorted(after), seen.report()
    assert after[0] >= 5, seen.report()
    assert stage.objects("detector-1") == stage.objects("canary-1") == stage.objects("detector-3") == []


@pytest.mark.long
def test_releases_that_come_before_the_one_before_is_ready_wait_for_it_or_pass_it(
    staged: Callable[[str], Stage],
) -> None:
    stage = staged("hasty")
    stage.write(
        detector_1=service("detector", "1", SHARED, "replicas: 2"),
        detector_2=service("detector", "2", SHARED, "replicas: 2", pods={"e2e.servegen/ready-after": "40s"}),
        detector_3=service("detector", "3", SHARED, "replicas: 2", pods=STUCK, deadline=12),
        detector_4=service("detector", "4", SHARED, "replicas: 2"),
    )
    stage.begin(("deploy", "detector-1"))
    with stage.watched() as seen:
        for name in ("detector-2", "detector-3"):
            stage.push(("deploy", name))
            stage.argocd.refresh()
            until(f"{name} has begun", partial(stage.workload, name), report=stage.argocd.report)
        assert seen.now().owners == ("detector-2",)
        stage.argocd.arrived(stage.push(("deploy", "detector-4")))
    assert _owners(seen) == [("detector-1",), ("detector-2",), ("detector-4",)], seen.report()
    assert _fewest(seen) >= 2, seen.report()
