"""What each GPU backend writes for each kind of request, and each node profile for a card.

tests/cases/gpu has one file for each backend: the cluster's `gpu`, and for each request the whole outcome or the error.
To rewrite the outcomes for review: `pytest tests/render/test_gpu.py --rewrite`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.fleet.queues import nominal_quotas
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan, resolve_fleet
from generator.render.objects import ObjectRenderer, gpu_refusal
from generator.render.views.scaling import strategy
from generator.spec.gpu_facts import CardResource
from generator.spec.kueue import QueueQuota
from tests.conftest import ROOT
from tests.support.fleets import PLATFORM

if TYPE_CHECKING:
    from pathlib import Path

    from generator.core.finding import Finding

LIBRARY: Final = TemplateLoader((templates_root(),))
FILES: Final = sorted((ROOT / "tests" / "cases" / "gpu").glob("*.yaml"))
CARDS: Final = ("T4", "V100-32G", "A10", "A100-40G", "L4", "H100-80G")
FORMS: Final = ("1({})", "2({})", "0.2({})", "0.5({})", "1.5({})", "-1({})", "4G,0.2({})")
REQUEST: Final = re.compile(r"\b(?:[0-9]+[GM],)?[0-9](?:\.[0-9]+)?\([^()]+\)")
VOID: Final = [{"name": "NVIDIA_VISIBLE_DEVICES", "value": "void"}]
TOLERATION: Final = [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]


def _outcomes(facts: str, requests: list[str]) -> dict[str, Any]:
    """Return what the pods get for each request on a cluster, or the error; all in one fleet."""
    start, end = PLATFORM.index("    gpu:\n      backend:"), PLATFORM.index("    metrics:")
    files = {"services/platform.yaml": f"{PLATFORM[:start]}    gpu: {facts}\n{PLATFORM[end:]}".encode()}
    for number, gpu in enumerate(requests):
        text = f'model: m\nversion: v1\ntype: triton-server\nimage: m:1\ncommand: run\nresources: {{gpu: "{gpu}"}}\n'
        files[f"services/p/a/m-{number}.yaml"] = f"{text}environments: {{prod: }}\n".encode()
    made, objects = resolve_fleet(files, LIBRARY), ObjectRenderer(LIBRARY)
    assert made.fleet is not None
    errors = {finding.position.file: finding for finding in made.findings if finding.severity == "error"}
    out: dict[str, Any] = {}
    for number, gpu in enumerate(requests):
        if (error := errors.get(f"services/p/a/m-{number}.yaml")) is not None:
            out[gpu] = _error(error)
            continue
        context = objects.context(made.fleet.instances["prod"]["p", "a", f"m-{number}"])
        refusal = gpu_refusal(context)
        out[gpu] = _error(refusal) if refusal is not None else _fields(context.placement)
    return out


def _error(finding: Finding) -> dict[str, str]:
    return {"error": f"{finding.message}: {finding.hint} [{finding.id}]"}


def _fields(placement: Any) -> dict[str, Any]:
    """Return what a placement has, without the toleration that requests for NVIDIA's cards have."""
    values = {name: getattr(placement, name) for name in placement.__slots__}
    tolerations = values.pop("tolerations")
    if tolerations != TOLERATION:
        values["tolerations"] = tolerations
    if values["affinity"]:
        terms = values["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        values["affinity"] = [term["matchExpressions"] for term in terms["nodeSelectorTerms"]]
    return {name: value for name, value in values.items() if value}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_request_has_the_outcome_of_its_backend(file: Path, rewrite: bool) -> None:
    text = file.read_text(encoding="utf-8")
    facts = yaml.safe_load(text)["gpu"]
    outcomes = _outcomes(yaml.safe_dump(facts, default_flow_style=True).strip(), _requests(text))
    if rewrite:
        head = text[: text.index("\nrequests:") + len("\nrequests:")]
        body = yaml.safe_dump(outcomes, sort_keys=False, width=112, allow_unicode=True, default_flow_style=None)
        text = f"{head}\n" + "".join(f"  {line}\n" for line in body.splitlines())
        file.write_text(text, encoding="utf-8")
    assert outcomes == yaml.safe_load(text)["requests"]


def _requests(text: str) -> list[str]:
    """Return the requests of a file: those of the table first, then its own."""
    table = [form.format(card) for card in CARDS for form in FORMS]
    return list(dict.fromkeys([*table, *(yaml.safe_load(text).get("requests") or ())]))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_a_hint_says_is_given(file: Path) -> None:
    known = yaml.safe_load(file.read_text(encoding="utf-8"))
    # What is wrong with a number says nothing about its card, of which the backend may have none.
    missing = [card for card in CARDS if "error" in known["requests"][f"1({card})"]]
    errors = [
        outcome["error"]
        for gpu, outcome in known["requests"].items()
        if "error" in outcome and not (outcome["error"].endswith("[K03]") and any(f"({one})" in gpu for one in missing))
    ]
    hints = [error.rpartition(": write ")[2] for error in errors]
    written = sorted({form for hint in hints for form in REQUEST.findall(hint)})
    assert written
    found = _outcomes(yaml.safe_dump(known["gpu"], default_flow_style=True).strip(), written)
    assert {gpu: fields["error"] for gpu, fields in found.items() if "error" in fields} == {}


def test_pods_with_mps_on_gke_share_the_ipc_namespace_of_the_node() -> None:
    (fields,) = _outcomes("{backend: gke, sharing: mps, parts: 5}", ["0.2(T4)"]).values()
    assert fields == {
        "host_ipc": True,
        "limits": {"nvidia.com/gpu": 1},
        "node_selector": {
            "cloud.google.com/gke-gpu-sharing-strategy": "mps",
            "cloud.google.com/gke-max-shared-clients-per-gpu": "5",
        },
        "affinity": [[{"key": "cloud.google.com/gke-gpu-partition-size", "operator": "DoesNotExist"}]],
    }


_PARTITION: Final = "cloud.google.com/gke-gpu-partition-size"


@pytest.mark.parametrize(
    ("gpu", "outcome"),
    [
        (
            "0.1(A100-40G)",
            {
                "limits": {"nvidia.com/gpu": 1},
                "node_selector": {_PARTITION: "1g.5gb", "cloud.google.com/gke-accelerator": "nvidia-tesla-a100"},
                "rounded": "1g.5gb: 5 of 40 GB, 1 of 7 slices",
            },
        ),
        (
            "0.5(A100-40G)",
            {
                "error": "no partition of the cluster's GPUs holds that: 1g.5gb, 3g.20gb: "
                "write 1(A100-40G) for a whole card [G02]"
            },
        ),
        (
            "0.5(T4)",
            {
                "error": "no partition of the cluster's GPUs holds that: MIG cannot divide the card: "
                "write 1(T4) for a whole card [G02]"
            },
        ),
        ("0.5", {"error": "a partition depends on the card: name the card: A100-40G [G02]"}),
        (
            "1(A100-40G)",
            {
                "limits": {"nvidia.com/gpu": 1},
                "node_selector": {"cloud.google.com/gke-accelerator": "nvidia-tesla-a100"},
                "affinity": [
                    [
                        {"key": "cloud.google.com/gke-gpu-sharing-strategy", "operator": "DoesNotExist"},
                        {"key": _PARTITION, "operator": "DoesNotExist"},
                    ]
                ],
            },
        ),
    ],
)
def test_pools_of_gke_whose_gpus_mig_divides(gpu: str, outcome: dict[str, Any]) -> None:
    """Source: GKE, Running multi-instance GPUs: each partition is the resource nvidia.com/gpu."""
    facts = "{backend: gke, nodes: gke, sharing: mig, mig: {A100-40G: [1g.5gb, 3g.20gb]}}"
    assert _outcomes(facts, [gpu]) == {gpu: outcome}


@pytest.mark.parametrize(
    ("backend", "name", "amount"),
    [("hami", "nvidia.com/gpu", "2"), ("qgpu", "tke.cloud.tencent.com/qgpu-core", "200"), ("dra", "", "")],
)
def test_a_quota_counts_cards_as_the_backend_does(backend: str, name: str, amount: str) -> None:
    text = PLATFORM.replace("backend: hami", f"backend: {backend}").replace(
        "stage: prod\n", "stage: prod\n    quota: {gpu: 2}\n"
    )
    spec = b"model: m\nversion: v1\ntype: triton-server\nenvironments: {prod: }\n"
    made = plan({"services/platform.yaml": text.encode(), "services/p/a/m-1.yaml": spec}, LIBRARY)
    objects = expected_manifests(made.fleet, made.routing, LIBRARY)
    quotas = [one.tree for one in objects if one.tree["kind"] == "ResourceQuota"]
    assert [tree["spec"]["hard"] for tree in quotas] == ([{f"requests.{name}": amount}] if name else [])


def test_the_quota_of_a_queue_counts_cards_as_the_backend_does() -> None:
    quota = QueueQuota(gpu=2)
    assert nominal_quotas(quota, CardResource("nvidia.com/gpu", 1))["nvidia.com/gpu"] == "2"
    assert (
        nominal_quotas(quota, CardResource("tke.cloud.tencent.com/qgpu-core", 100))["tke.cloud.tencent.com/qgpu-core"]
        == "200"
    )


def test_each_backend_has_a_table() -> None:
    assert {file.stem for file in FILES} == set(LIBRARY.names("gpu", ".yaml.j2"))


# serving.md of the reference, exact outcomes of 0.2 of a T4 and of the same share of other cards, by hand.
_MIB: Final = {"V100-16G": 3276, "V100-32G": 6553, "A10": 4605, "A30": 4915, "A100-40G": 8192, "A100-80G": 16384}
_MIB_2: Final = {"L4": 4606, "L40S": 9213, "RTX4090": 4912, "H100-80G": 16311, "H20": 19574, "H200": 28754}


def test_the_memory_of_a_share_is_rounded_down_to_whole_mib() -> None:
    wanted = {"T4": 3072, **_MIB, **_MIB_2}
    found = _outcomes("{backend: hami}", [f"0.2({card})" for card in wanted])
    assert {gpu: fields["limits"]["nvidia.com/gpumem"] for gpu, fields in found.items()} == {
        f"0.2({card})": mib for card, mib in wanted.items()
    }


@pytest.mark.parametrize(("backend", "surge"), [("tke-super-node", "25%"), ("hami", 0)])
def test_only_a_card_that_starts_with_its_pod_lets_an_update_start_new_pods_first(backend: str, surge: object) -> None:
    start, end = PLATFORM.index("    gpu:\n      backend:"), PLATFORM.index("    metrics:")
    platform = f"{PLATFORM[:start]}    gpu: {{backend: {backend}, cards: [T4]}}\n{PLATFORM[end:]}"
    spec = "model: m\nversion: v1\ntype: triton-server\nreplicas: 2\nenvironments: {prod: }\n"
    files = {"services/platform.yaml": platform.encode()}
    for number, gpu in enumerate(("1(T4)", "0.5(T4)")):
        files[f"services/p/a/m-{number}.yaml"] = f'{spec}resources: {{gpu: "{gpu}"}}\n'.encode()
    made = resolve_fleet(files, LIBRARY)
    assert made.fleet is not None
    objects = ObjectRenderer(LIBRARY)
    contexts = [objects.context(instance) for instance in made.fleet.instances["prod"].values()]
    assert [strategy(context)["rollingUpdate"]["maxSurge"] for context in contexts] == [surge, surge]


def test_a_request_without_a_card_has_the_memory_of_the_only_one() -> None:
    share = {"nvidia.com/gpu": 1, "nvidia.com/gpumem": 3072, "nvidia.com/gpucores": 20}
    percent = {"nvidia.com/gpu": 1, "nvidia.com/gpumem-percentage": 20, "nvidia.com/gpucores": 20}
    for cards, limits in (("[T4]", share), ("[T4, A10]", percent)):
        found = _outcomes(f"{{backend: hami, cards: {cards}}}", ["0.2"])
        assert found == {"0.2": {"scheduler_name": "hami-scheduler", "limits": limits}}


@pytest.mark.parametrize(
    ("gpu", "offered", "profile"),
    [
        ("0.1(A100-40G)", "cards: [A100-40G]", "1g.5gb"),
        ("0.3(A100-40G)", "cards: [A100-40G]", "3g.20gb"),
        ("0.5(A100-40G)", "cards: [A100-40G]", "4g.20gb"),
        ("0.5(A100)", "cards: [A100-40G], mig: {A100-40G: [1g.5gb, 7g.40gb, 3g.20gb]}", "7g.40gb"),
        ("5G,0.1(A100-40G)", "cards: [A100-40G]", "1g.10gb"),
        ("0.5", "cards: [A30], mig: {A30: [4g.24gb, 2g.12gb]}", "2g.12gb"),
    ],
)
def test_the_smallest_profile_that_the_cluster_offers(gpu: str, offered: str, profile: str) -> None:
    (fields,) = _outcomes(f"{{backend: mig, {offered}}}", [gpu]).values()
    assert fields["limits"] == {f"nvidia.com/mig-{profile}": 1}


def _affinity(*products: str, key: str = "nvidia.com/gpu.product") -> list[list[dict[str, Any]]]:
    return [[{"key": key, "operator": "In", "values": list(products)}]]


V100: Final = ("Tesla-V100-SXM2-32GB", "Tesla-V100-PCIE-32GB")


CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("none", "0", {"env": VOID}),
    ("none", "1(T4)", {"limits": {"nvidia.com/gpu": 1}}),
    (
        "gfd",
        "2(V100-32G)",
        {"limits": {"nvidia.com/gpu": 2}, "affinity": _affinity(*V100)},
    ),
    (
        "aliyun",
        "2(V100-32G)",
        {"limits": {"nvidia.com/gpu": 2}, "affinity": _affinity(*V100, key="aliyun.accelerator/nvidia_name")},
    ),
    (
        "gke",
        "1(A100-80G)",
        {"limits": {"nvidia.com/gpu": 1}, "node_selector": {"cloud.google.com/gke-accelerator": "nvidia-a100-80gb"}},
    ),
    ("gke", "1", {"limits": {"nvidia.com/gpu": 1}}),
    (
        "gke",
        "1(A10)",
        {
            "error": "no label of GKE's nodes is known for the card A10: "
            "add `gke` to the card in templates/cards.yaml of the repository [G02]"
        },
    ),
    (
        "karpenter",
        "1(T4)",
        {"limits": {"nvidia.com/gpu": 1}, "node_selector": {"karpenter.k8s.aws/instance-gpu-name": "t4"}},
    ),
    (
        "eks",
        "1(A100-40G)",
        {
            "limits": {"nvidia.com/gpu": 1},
            "node_selector": {
                "eks.amazonaws.com/instance-gpu-name": "a100",
                "eks.amazonaws.com/instance-gpu-memory": "40960",
            },
        },
    ),
    ("cube", "0", {"env": VOID, "node_selector": {"cpu": "true", "service": "true"}}),
    (
        "cube",
        "1(A100-80G)",
        {
            "limits": {"nvidia.com/gpu": 1},
            "node_selector": {"gpu": "true", "service": "true", "gpu-type": "A100"},
        },
    ),
]


@pytest.mark.parametrize(("nodes", "gpu", "expected"), CASES)
def test_node_profiles(nodes: str, gpu: str, expected: dict[str, Any]) -> None:
    assert _outcomes(f"{{backend: nvidia, nodes: {nodes}}}", [gpu]) == {gpu: expected}


def test_each_node_profile_has_a_case() -> None:
    assert {case[0] for case in CASES} == set(LIBRARY.names("nodes", ".yaml.j2"))
