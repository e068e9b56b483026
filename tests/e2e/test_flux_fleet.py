"""A fleet delivered by Flux: it is applied in order, stays in sync, edits arrive, and removed parts are deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.flux_apps import condition
from tests.e2e.serving import service
from tests.e2e.usage import use
from tests.e2e.waiting import until
from tests.support.clones import git, head

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.flux_apps import Stage

pytestmark = [pytest.mark.flux, pytest.mark.paper]


@pytest.mark.own
def test_a_fleet_gets_there_in_order_edits_arrive_and_people_and_autoscalers_are_reported_apart(
    flux: Callable[[str], Stage],
) -> None:
    stage = flux("flux-edits")
    scaled = service("scaled", "1", "replicas: 2~4", "hpa: cpu:50%", "config: {a.txt: one}")
    stage.write("detector", scaled_1=scaled, fixed_1=service("fixed", "1", "replicas: 2"))
    stage.write("reader", reader_1=service("reader", "1"))
    stage.begin("deploy scaled-1", "deploy fixed-1", "deploy reader-1")
    assert len(stage.flux.kustomizations()) == 3 + 2 * 3

    before = _versions(stage)
    use(stage.flux.rig, stage.namespace, cpu="2000m")
    scaler = ("autoscaling/v2", "horizontalpodautoscalers", stage.namespace, "scaled-1")
    six = "the autoscaler has made 4"
    until(six, lambda: stage.replicas("scaled-1") == 4, report=lambda: stage.flux.kube.get(*scaler))
    made = _generation(stage, "scaled-1")
    stage.flux.reconciled()
    assert _versions(stage) == before
    assert (stage.replicas("scaled-1"), _generation(stage, "scaled-1")) == (4, made)

    stage.flux.rig.run("-n", stage.namespace, "scale", "deployment/fixed-1", "--replicas=5")
    stage.flux.reconciled()
    assert stage.replicas("fixed-1") == 2

    (old,) = _configs(stage)
    stage.repository.edit("vision/detector/scaled-1", "a.txt: one", "a.txt: two")
    stage.repository.edit("vision/detector/fixed-1", "replicas: 2", "replicas: 3")
    stage.flux.arrived(stage.push())
    (new,) = _configs(stage)
    assert new != old
    assert stage.replicas("fixed-1") == 3
    assert (stage.replicas("scaled-1"), _generation(stage, "scaled-1")) == (4, made + 1)

    stage.repository.edit("vision/detector/scaled-1", "replicas: 2~4\nhpa: cpu:50%", "replicas: 3")
    stage.flux.arrived(stage.push())
    assert "horizontalpodautoscalers/scaled-1" not in stage.objects("scaled-1")
    # Flux applies before it prunes: between the two, the autoscaler may have set its own number once more.
    stage.flux.reconciled()
    assert stage.replicas("scaled-1") == 3


def test_apps_wait_for_their_platform(flux: Callable[[str], Stage]) -> None:
    stage = flux("flux-order")
    stage.write("reader", reader_1=service("reader", "1"))
    stage.push("deploy reader-1")
    root, environment = stage.repository.root, stage.repository.environment()
    file = root / f"rendered/platform/{stage.repository.name}/namespaces.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("managed-by: servegen", "managed-by: not a label"), encoding="utf-8")
    git(root, "commit", "-qam", "a namespace that no cluster takes")
    git(root, "push", "-q", "origin", "HEAD:main")
    stage.flux.bootstrap()

    def waits() -> bool:
        ends = f"/flux/{environment}"
        found = [one for one in stage.flux.kustomizations() if one["spec"]["path"].endswith(ends)]
        return [condition(one, "Ready").get("reason") for one in found] == ["DependencyNotReady"]

    until("the environment waits", waits, report=stage.flux.report)
    assert [path for path in _paths(stage) if "/overlays/" in path] == []
    file.write_text(text, encoding="utf-8")
    git(root, "commit", "-qam", "as it was")
    git(root, "push", "-q", "origin", "HEAD:main")
    stage.flux.arrived(head(root))
    assert stage.replicas("reader-1") == 1


def test_what_leaves_leaves(flux: Callable[[str], Stage]) -> None:
    stage = flux("flux-leaves")
    stage.write("detector", first_1=service("first", "1", "replicas: 2"), second_1=service("second", "1"))
    stage.write("reader", reader_1=service("reader", "1", "config: {a.txt: one}"))
    stage.begin("deploy first-1", "deploy second-1", "deploy reader-1")
    assert len(stage.objects("second-1")) == 5

    (stage.repository.root / "services/vision/detector/second-1.yaml").unlink()
    stage.flux.arrived(stage.push("undeploy reader-1"))
    assert stage.objects("second-1") == []
    assert [entry for entry in stage.objects() if "first-1" not in entry] == [
        "configmaps/servegen-detector",
        "configmaps/servegen-reader",
    ]

    stage.repository.servegen("retire", "vision/reader", "--yes")
    stage.flux.arrived(stage.push())
    assert [entry for entry in stage.objects() if "first-1" not in entry] == ["configmaps/servegen-detector"]
    assert {path.split("/overlays")[0] for path in _paths(stage) if "/overlays/" in path} == {
        "./rendered/vision/detector"
    }


def _paths(stage: Stage) -> list[str]:
    return [one["spec"]["path"] for one in stage.flux.kustomizations()]


def _configs(stage: Stage) -> list[str]:
    return [entry for entry in stage.objects("scaled-1") if entry.startswith("configmaps/")]


def _generation(stage: Stage, name: str) -> int:
    """Return the generation of a Deployment, which increases when its spec is written with a change."""
    found = stage.workload(name)
    assert found is not None
    return int(found["metadata"]["generation"])


def _versions(stage: Stage) -> dict[str, Any]:
    """Return the resource versions, which change with each write, of the objects that no controller writes."""
    kinds = [("v1", "services"), ("v1", "configmaps"), ("v1", "serviceaccounts")]
    kinds.append(("networking.istio.io/v1", "virtualservices"))
    return {
        f"{plural}/{tree['metadata']['name']}": tree["metadata"]["resourceVersion"]
        for version, plural in kinds
        for tree in stage.flux.kube.list(version, plural, stage.namespace)
    }
