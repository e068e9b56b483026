"""The complete pod placement that each GPU backend and node profile gives for a request."""

from __future__ import annotations

from typing import Any

import pytest

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import resolve_fleet
from generator.render.objects import ObjectRenderer
from tests.support.fleets import PLATFORM

LIBRARY = TemplateLoader((templates_root(),))
VOID = [{"name": "NVIDIA_VISIBLE_DEVICES", "value": "void"}]
TOLERATION = [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]


def _placement(backend: str, nodes: str, gpu: str) -> dict[str, Any]:
    platform = PLATFORM.replace("backend: hami", f"backend: {backend}").replace("nodes: gfd", f"nodes: {nodes}")
    spec = "model: m\nversion: v1\ntype: triton-server\ncommand: run\n"
    spec += f'resources: {{gpu: "{gpu}"}}\nupdate: replace\nenvironments: {{prod: }}\n'
    files = {"services/platform.yaml": platform.replace("      cards: [T4, A10, A100-80G]\n", "").encode()}
    made = resolve_fleet({**files, "services/p/a/m-1.yaml": spec.encode()}, LIBRARY)
    assert {finding.id for finding in made.findings} <= {"G09"}
    placement = ObjectRenderer(LIBRARY).placements.of(made.fleet.instances["prod"]["p", "a", "m-1"])
    values = {name: getattr(placement, name) for name in placement.__slots__}
    return {name: value for name, value in values.items() if value}


def _affinity(*products: str) -> dict[str, Any]:
    expression = {"key": "nvidia.com/gpu.product", "operator": "In", "values": list(products)}
    terms = {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}


HAMI = {"scheduler_name": "hami-scheduler", "tolerations": TOLERATION}
CASES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("nvidia", "none", "0", {"env": VOID}),
    ("nvidia", "none", "2", {"limits": {"nvidia.com/gpu": 2}, "tolerations": TOLERATION}),
    (
        "nvidia",
        "gfd",
        "2(V100-32G)",
        {
            "limits": {"nvidia.com/gpu": 2},
            "tolerations": TOLERATION,
            "affinity": _affinity("Tesla-V100-SXM2-32GB", "Tesla-V100-PCIE-32GB"),
        },
    ),
    (
        "nvidia",
        "none",
        "0.2(T4)",
        {
            "tolerations": TOLERATION,
            "refusal": (
                "the backend nvidia has whole cards only",
                "write a whole number, or choose another backend for the cluster, for example hami",
            ),
        },
    ),
    ("nvidia", "none", "-1", {"env": [{"name": "NVIDIA_VISIBLE_DEVICES", "value": "all"}], "tolerations": TOLERATION}),
    ("hami", "none", "0", {"env": VOID}),
    (
        "hami",
        "none",
        "0.2(T4)",
        {
            **HAMI,
            "limits": {"nvidia.com/gpu": 1, "nvidia.com/gpumem-percentage": 20, "nvidia.com/gpucores": 20},
            "annotations": {"nvidia.com/use-gputype": "T4"},
        },
    ),
    (
        "hami",
        "none",
        "8G,0.29(A10)",
        {
            **HAMI,
            "limits": {"nvidia.com/gpu": 1, "nvidia.com/gpumem": 8192, "nvidia.com/gpucores": 29},
            "annotations": {"nvidia.com/use-gputype": "A10", "nvidia.com/nouse-gputype": "A100,A10G"},
        },
    ),
    (
        "nvidia",
        "none",
        "1(npu)",
        {
            "tolerations": TOLERATION,
            "refusal": ("the backend nvidia has NVIDIA's cards only", "choose a card of the cluster"),
        },
    ),
    (
        "hami",
        "none",
        "1(npu)",
        {
            **HAMI,
            "refusal": ("the backend hami asks for NVIDIA's cards only here", "choose a card of the cluster"),
        },
    ),
    (
        "hami",
        "none",
        "1(nvidia,T4)",
        {**HAMI, "limits": {"nvidia.com/gpu": 1}, "annotations": {"nvidia.com/use-gputype": "T4"}},
    ),
    ("hami", "none", "2", {**HAMI, "limits": {"nvidia.com/gpu": 2}}),
    (
        "hami",
        "none",
        "-1",
        {
            **HAMI,
            "refusal": (
                "the backend hami cannot share a card without an account of it",
                "write a share, for example 0.2",
            ),
        },
    ),
    ("hami", "cube", "0", {"node_selector": {"cpu": "true", "service": "true"}, "env": VOID}),
    (
        "hami",
        "cube",
        "0.5(A100-80G)",
        {
            **HAMI,
            "limits": {"nvidia.com/gpu": 1, "nvidia.com/gpumem-percentage": 50, "nvidia.com/gpucores": 50},
            "annotations": {"nvidia.com/use-gputype": "A100"},
            "node_selector": {"vgpu": "true", "service": "true", "gpu-type": "A100"},
        },
    ),
]


@pytest.mark.parametrize(("backend", "nodes", "gpu", "expected"), CASES, ids=lambda v: v if isinstance(v, str) else "")
def test_requests(backend: str, nodes: str, gpu: str, expected: dict[str, Any]) -> None:
    assert _placement(backend, nodes, gpu) == expected


def test_every_backend_and_profile_has_a_case() -> None:
    assert {case[0] for case in CASES} == set(LIBRARY.names("gpu", ".yaml.j2"))
    assert {case[1] for case in CASES} == set(LIBRARY.names("nodes", ".yaml.j2"))
