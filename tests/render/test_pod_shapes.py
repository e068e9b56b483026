"""What the capacity plan reads from a rendered pod: requests, shares of cards in the forms of all backends, nodes."""

from __future__ import annotations

from typing import Any

import pytest

from generator.fleet.capacity.pods import CardShare, LabelRule, TolerationRule
from generator.render.card_shares import card_share
from generator.render.pod_shapes import pod_shape

GIB = 2**30


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        # HAMi: a card alone is the whole card, and memory without cores does not limit the cores.
        ({"nvidia.com/gpu": 2}, CardShare(2)),
        (
            {"nvidia.com/gpu": 1, "nvidia.com/gpumem-percentage": 20, "nvidia.com/gpucores": 20},
            CardShare(1, 20, None, 20),
        ),
        ({"nvidia.com/gpu": 1, "nvidia.com/gpumem": 3072}, CardShare(1, 0, 3072, 0)),
        ({"nvidia.com/gpu": 1, "nvidia.com/gpumem": 3072, "nvidia.com/gpucores": 30}, CardShare(1, 30, 3072, 0)),
        ({"nvidia.com/gpu": 1, "nvidia.com/gpucores": 30}, CardShare(1, 30, None, 100)),
        ({"nvidia.com/gpu": 1, "nvidia.com/gpumem-percentage": 100}, CardShare(1)),
        # Volcano.
        (
            {"volcano.sh/vgpu-number": 1, "volcano.sh/vgpu-cores": 20, "volcano.sh/vgpu-memory": 3072},
            CardShare(1, 20, 3072, 0),
        ),
        ({"volcano.sh/vgpu-number": 4}, CardShare(4)),
        # gpu-manager and qGPU: a hundred is a card, and memory is in 256 MiB and in GiB.
        ({"tencent.com/vcuda-core": 20, "tencent.com/vcuda-memory": 12}, CardShare(1, 20, 3072, 0)),
        ({"tencent.com/vcuda-core": 200, "tencent.com/vcuda-memory": 120}, CardShare(2, 100, 15360, 0)),
        (
            {"tke.cloud.tencent.com/qgpu-core": 20, "tke.cloud.tencent.com/qgpu-memory": 3},
            CardShare(1, 20, 3072, 0),
        ),
        # Aliyun, a divided card of NVIDIA's plugin, and the resource of a repository's own backend.
        ({"aliyun.com/gpu-mem": 3}, CardShare(1, 0, 3072, 0)),
        ({"nvidia.com/gpu.shared": 1}, CardShare(1)),
        # HAMi's names for the cards of other vendors: MiB, blocks of 256 MiB, bytes.
        ({"huawei.com/Ascend910B3": 1, "huawei.com/Ascend910B3-memory": 16384}, CardShare(1, 0, 16384, 0)),
        (
            {"hygon.com/dcunum": 1, "hygon.com/dcumem": 8192, "hygon.com/dcucores": 50},
            CardShare(1, 50, 8192, 0),
        ),
        (
            {"cambricon.com/vmlu": 1, "cambricon.com/mlu.smlu.vmemory": 8, "cambricon.com/mlu.smlu.vcore": 20},
            CardShare(1, 20, 2048, 0),
        ),
        (
            {"metax-tech.com/sgpu": 1, "metax-tech.com/vmemory": 4 * GIB, "metax-tech.com/vcore": 20},
            CardShare(1, 20, 4096, 0),
        ),
        ({"example.com/npu": 2}, CardShare(2)),
        ({"other.example.com/device": 2}, None),
    ],
)
def test_cards_of_each_backend(amounts: dict[str, int], expected: CardShare | None) -> None:
    share, used = card_share(amounts, {}, {"example.com/npu", "huawei.com/Ascend910B3"})
    assert share == expected
    assert used == (frozenset(amounts) if expected else frozenset())


def test_the_annotations_of_kai_are_a_share() -> None:
    assert card_share({}, {"gpu-fraction": "0.25"}, ())[0] == CardShare(1, 25, None, 25)
    assert card_share({}, {"gpu-memory": "3072"}, ())[0] == CardShare(1, 0, 3072)
    for wrong in ("half", "nan", "inf", ["0.2"]):
        assert card_share({}, {"gpu-fraction": wrong}, ())[0] is None


def _template(spec: dict[str, Any], **annotations: str) -> dict[str, Any]:
    return {"metadata": {"annotations": annotations}, "spec": spec}


def _container(**requests: str) -> dict[str, Any]:
    return {"name": "main", "resources": {"requests": requests}}


def test_sidecars_and_the_proxy_of_an_annotation_count() -> None:
    sidecar = {**_container(cpu="250m", memory="1Gi"), "restartPolicy": "Always"}
    spec = {
        "initContainers": [sidecar],
        "containers": [_container(cpu="1.5", memory="2Gi", **{"a.example.com/b": "2"})],
    }
    shape = pod_shape(_template(spec, **{"sidecar.istio.io/proxyCPU": "100m"}), "p", frozenset(), ())
    assert (shape.cpu, shape.memory, shape.others) == (1850, 3 * GIB, (("a.example.com/b", 2),))


def test_a_resource_that_pools_have_by_name_is_no_card() -> None:
    template = _template({"containers": [_container(**{"nvidia.com/gpu": "2"})]})
    assert pod_shape(template, "p", frozenset(), ()).share == CardShare(2)
    plain = pod_shape(template, "p", frozenset({"nvidia.com/gpu"}), ())
    assert (plain.share, plain.others, plain.beyond) == (None, (("nvidia.com/gpu", 2),), ())
    # What is left of the memory of each such card is not known.
    share = _template({"containers": [_container(**{"hygon.com/dcunum": "1", "hygon.com/dcumem": "8192"})]})
    part = pod_shape(share, "p", frozenset({"hygon.com/dcunum"}), ())
    assert (part.share, part.others) == (None, (("hygon.com/dcunum", 1),))
    assert part.beyond == ("shares of cards that pools have by name",)


def test_resources_that_a_cluster_has_renamed_and_cards_that_nothing_counts() -> None:
    template = _template({"containers": [_container(**{"example.com/gpu": "1"})]})
    names = {"example.com/gpu": "nvidia.com/gpu"}
    shape = pod_shape(template, "p", frozenset(), (), names, has_card=True)
    assert (shape.share, shape.others, shape.beyond) == (CardShare(1), (), ())
    unknown = pod_shape(template, "p", frozenset(), (), has_card=True)
    assert (unknown.share, unknown.others, unknown.beyond) == (None, (("example.com/gpu", 1),), ())
    nothing = pod_shape(_template({"containers": [_container()]}), "p", frozenset(), (), has_card=True)
    assert nothing.beyond == ("a card that no request counts",)


def test_nodes_and_what_the_plan_does_not_know() -> None:
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    rules = [{"key": "zone", "operator": "In", "values": ["a", "b"]}, {"key": "x", "operator": "Exists"}]
    spec: dict[str, Any] = {
        "containers": [_container()],
        "nodeSelector": {"org": "vision"},
        "affinity": {"nodeAffinity": {required: {"nodeSelectorTerms": [{"matchExpressions": rules}]}}},
        "tolerations": [{"key": "gpu", "operator": "Exists"}, {"key": "a", "value": "b", "effect": "NoSchedule"}],
        "topologySpreadConstraints": [{"whenUnsatisfiable": "ScheduleAnyway"}],
    }
    shape = pod_shape(_template(spec, **{"nvidia.com/use-gputype": "T4, A10"}), "p", frozenset(), ())
    assert shape.rules.selector == (LabelRule("org", "In", ("vision",)),)
    assert shape.rules.terms == ((LabelRule("zone", "In", ("a", "b")), LabelRule("x", "Exists")),)
    assert shape.rules.tolerations == (
        TolerationRule("gpu", "Exists", "", ""),
        TolerationRule("a", "Equal", "b", "NoSchedule"),
    )
    assert (shape.rules.use, shape.beyond) == (("T4", "A10"), ())
    changes: list[tuple[dict[str, Any], str]] = [
        ({"affinity": {"podAntiAffinity": {required: [{"topologyKey": "zone"}]}}}, "required anti-affinity to pods"),
        ({"affinity": {"podAffinity": {required: [{"topologyKey": "zone"}]}}}, "required affinity to pods"),
        ({"topologySpreadConstraints": [{"maxSkew": 1}]}, "a required spread over nodes or zones"),
        ({"resourceClaims": [{"name": "gpu"}]}, "claims of devices"),
        ({"nodeSelector": {"kubernetes.io/hostname": "a"}}, "a node by its name"),
        ({"containers": [{"ports": [{"containerPort": 80, "hostPort": 80}]}]}, "ports of the node"),
    ]
    for change, expected in changes:
        assert pod_shape(_template({**spec, **change}), "p", frozenset(), ()).beyond == (expected,)


def test_values_of_a_wrong_type_are_skipped() -> None:
    spec = {
        "containers": [{"resources": {"requests": {"cpu": "much"}}}, 7],
        "tolerations": "all",
        "affinity": [],
        "nodeSelector": 1,
    }
    shape = pod_shape({"metadata": {"annotations": None}, "spec": spec}, "p", frozenset(), ())
    assert (shape.cpu, shape.rules.tolerations, shape.rules.selector, shape.beyond) == (0, (), (), ())
