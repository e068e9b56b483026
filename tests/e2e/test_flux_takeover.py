"""Takeovers by Flux, sampled every 50 ms: in no sample has the host's owner fewer ready pods than its minimum."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from generator.render.delivery.flux import OWNER
from tests.e2e import chart
from tests.e2e.flux_apps import condition
from tests.e2e.questions import asked
from tests.e2e.serving import SLOW, STUCK, service
from tests.e2e.timeline import Timeline
from tests.e2e.waiting import until
from tests.support.clones import git, head

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.flux_apps import Stage

pytestmark = [pytest.mark.flux, pytest.mark.paper]

HOST = "detector.example.com"
SHARED = f"host: {HOST}"
APP = "vision/detector"
LEFT = f"failed revisions of {APP}"


def _watched(stage: Stage) -> Timeline:
    return Timeline(stage.flux.kube, stage.namespace, HOST)


def _went(seen: Timeline, old: str, new: str, minimum: int) -> None:
    """Check that the host moved from one service to the other, and that the old pods were deleted after that.

    The owner must have had at least `minimum` ready pods in each sample.
    """
    assert list(dict.fromkeys(moment.owners for moment in seen.moments)) == [(old,), (new,)], seen.report()
    assert min(moment.served for moment in seen.moments) >= minimum, seen.report()
    until(f"nobody counts the pods of {old}", lambda: seen.now().ready.get(old, 0) == 0, report=seen.report)


def _asked(stage: Stage, about: str) -> list[str]:
    return asked(stage.flux.rig, stage.repository.root, about)


def _listed(stage: Stage) -> set[tuple[str, str]]:
    """Return the kinds and names of objects left by failed revisions, as listed by the command of `servegen doctor`."""
    words = [line.split()[0].split("/") for line in _asked(stage, LEFT)]
    return {(kind.partition(".")[0], name) for kind, name in words}


def _there(stage: Stage, name: str) -> set[tuple[str, str]]:
    """Return the kinds and names of a service's existing objects."""
    words = [entry.split("/") for entry in stage.objects(name)]
    return {(re.sub("ies$", "y", plural).removesuffix("s"), name) for plural, name in words}


@pytest.mark.long
def test_a_takeover_in_one_commit_its_rollback_and_one_in_two_commits(flux: Callable[[str], Stage]) -> None:
    stage = flux("flux-gap")
    stage.write(
        "detector",
        detector_1=service("detector", "1", SHARED, "replicas: 2", "config: {a.txt: one}"),
        detector_2=service("detector", "2", SHARED, "replicas: {min: 2, max: 6, start: 4}", "hpa: cpu:50%", pods=SLOW),
        detector_3=service("detector", "3", SHARED, "replicas: 3"),
    )
    stage.begin("deploy detector-1")
    # A Kustomization may apply again at any time, -workloads also after -gc: existing objects must remain owned by -gc.
    stage.flux.reconciled("-workloads")
    with _watched(stage) as forth:
        stage.flux.arrived(stage.push("deploy detector-2"))
    _went(forth, "detector-1", "detector-2", 2)
    taken = next(moment for moment in forth.moments if moment.owners == ("detector-2",))
    assert taken.ready["detector-1"] == 2, forth.report()
    assert stage.objects("detector-1") == []
    chart.draw("takeover-flux", "One commit, synced by Flux: detector-2 takes over", forth.moments, 2)

    stage.flux.reconciled("-workloads")
    with _watched(stage) as back:
        stage.flux.arrived(stage.push(f"rollback {HOST}"))
    _went(back, "detector-2", "detector-1", 2)
    assert stage.objects("detector-2") == []

    with _watched(stage) as waiting:
        stage.flux.arrived(stage.push("deploy detector-3 --manual"))
    assert {moment.owners for moment in waiting.moments} == {("detector-1",)}, waiting.report()
    assert waiting.moments[-1].ready == {"detector-1": 2, "detector-3": 3}, waiting.report()
    with _watched(stage) as taking:
        stage.flux.arrived(stage.push("deploy detector-3"))
    _went(taking, "detector-1", "detector-3", 2)
    assert {moment.ready["detector-3"] for moment in taking.moments} == {3}, taking.report()
    assert stage.objects("detector-1") == []
    assert _listed(stage) == set()
    assert _asked(stage, "not ready") == []


@pytest.mark.long
def test_a_version_that_never_gets_ready_never_takes_the_host_and_what_it_leaves_is_found(
    flux: Callable[[str], Stage],
) -> None:
    stage = flux("flux-stuck")
    scaled = ("replicas: 2~4", "hpa: cpu:50%", "config: {a.txt: two}")
    stage.write(
        "detector",
        detector_1=service("detector", "1", SHARED, "replicas: 2"),
        detector_2=service("detector", "2", SHARED, *scaled, pods=STUCK, deadline=8),
        detector_3=service("detector", "3", SHARED, "replicas: 2"),
    )
    stage.begin("deploy detector-1")
    with _watched(stage) as seen:
        failed = stage.push("deploy detector-2")
        stage.flux.call()
        until("it has failed", lambda: _has_failed(stage, failed), report=stage.flux.report)
        names = [line.split()[0].rpartition("-")[2] for line in _asked(stage, "not ready")]
        assert sorted(names) == ["gc", "routes", "workloads"]

        stage.flux.arrived(stage.push("undeploy detector-2"))
        left = _there(stage, "detector-2")
        assert {kind for kind, _ in left} == {
            "configmap",
            "deployment",
            "horizontalpodautoscaler",
            "networkpolicy",
            "poddisruptionbudget",
            "service",
            "serviceaccount",
        }
        assert _listed(stage) == left
        stage.flux.rig.run("delete", "-n", stage.namespace, *(f"{kind}/{name}" for kind, name in left))

        stage.flux.arrived(stage.push("deploy detector-3"))
    _went(seen, "detector-1", "detector-3", 2)
    assert _listed(stage) == set()


def _has_failed(stage: Stage, revision: str) -> bool:
    workloads = stage.flux.of(APP, "workloads")
    assert workloads is not None
    attempted = workloads["status"].get("lastAttemptedRevision", "").endswith(revision)
    return attempted and condition(workloads, "Ready").get("reason") == "HealthCheckFailed"


@pytest.mark.parametrize(
    ("name", "part", "wait"),
    [("flux-early-route", "routes", "workloads"), ("flux-early-gc", "gc", "routes")],
    ids=["routes", "gc"],
)
def test_without_the_wait_for_the_one_before_there_is_a_gap(
    flux: Callable[[str], Stage], name: str, part: str, wait: str
) -> None:
    stage = flux(name)
    stage.write(
        "detector",
        detector_1=service("detector", "1", SHARED, "replicas: 2"),
        detector_2=service("detector", "2", SHARED, "replicas: 2", pods=SLOW),
    )
    stage.begin("deploy detector-1")
    waits = f"  dependsOn:\n    - name: {_name(stage, wait)}\n"
    stage.flux.arrived(_pushed_by_hand(stage, _name(stage, part), waits, ""))
    stage.repository.servegen("deploy", "detector-2", stage.repository.environment())
    with _watched(stage) as seen:
        stage.flux.arrived(_pushed_by_hand(stage, _name(stage, part), waits, ""))
    assert min(moment.served for moment in seen.moments) == 0, seen.report()


def test_what_is_applied_again_between_commits_stays_for_ever_where_its_owner_is_not_ignored(
    flux: Callable[[str], Stage],
) -> None:
    stage = flux("flux-owner")
    stage.write(
        "detector",
        detector_1=service("detector", "1", SHARED, "replicas: 2"),
        detector_2=service("detector", "2", SHARED, "replicas: 2"),
    )
    stage.begin("deploy detector-1")
    rule = f'    - paths:\n        - "{OWNER["paths"][0]}"\n'
    stage.flux.arrived(_pushed_by_hand(stage, _name(stage, "workloads"), rule, ""))
    stage.flux.reconciled("-workloads")
    stage.repository.servegen("deploy", "detector-2", stage.repository.environment())
    stage.flux.arrived(_pushed_by_hand(stage, _name(stage, "workloads"), rule, ""))
    left = _there(stage, "detector-1")
    assert {kind for kind, _ in left} >= {"deployment", "service"}
    assert _listed(stage) >= left


def _name(stage: Stage, part: str) -> str:
    """Return the name of the app's Kustomization of a part."""
    found = stage.flux.of(APP, part)
    assert found is not None
    return str(found["metadata"]["name"])


def _pushed_by_hand(stage: Stage, name: str, old: str, new: str) -> str:
    """Push the rendered files with one string changed in one Kustomization, and return the commit.

    This bypasses servegen, which rejects the change (D11).
    """
    root = stage.repository.root
    stage.repository.servegen("render", "--force")
    file = root / f"rendered/flux/{stage.repository.environment()}/vision-detector.yaml"
    parts = file.read_text(encoding="utf-8").split("---\n")
    (index,) = (index for index, text in enumerate(parts) if f"  name: {name}\n  namespace" in text)
    assert old in parts[index], parts[index]
    parts[index] = parts[index].replace(old, new)
    file.write_text("---\n".join(parts), encoding="utf-8")
    git(root, "add", "services", "rendered")
    git(root, "commit", "-q", "--allow-empty", "-m", "by hand")
    git(root, "push", "-q", "origin", "HEAD:main")
    return head(root)
