"""The patch from one object to another, verified with the real kustomize."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.core.errors import BugError
from generator.core.programs.kustomize import exact
from generator.core.yaml import dump
from generator.render.kustomize.patch import patch_for
from tests.render.kustomize.manifests import PAIRS, related
from tests.support.fuzz import examples
from tests.support.kustomize import patched
from tests.support.yaml_file import read_yaml

CASES: dict[str, Any] = read_yaml(Path(__file__).parent / "patch_cases.yaml")


def deployment(pod: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "x", **metadata},
        "spec": {"template": {"spec": pod}},
    }


@pytest.mark.parametrize("name", CASES)
def test_the_patch_is_minimal(name: str) -> None:
    case = CASES[name]
    patch = patch_for(deployment(case["base"]), deployment(case["truth"]))
    assert dump(patch) == dump(deployment(case["patch"]))


def test_kustomize_builds_the_expected_overlay_of_each_case(kustomize: Path) -> None:
    pairs = [(deployment(case["base"]), deployment(case["patch"])) for case in CASES.values()]
    results = dict(zip(CASES, patched(pairs, kustomize), strict=True))
    assert exact(results) == exact({name: deployment(case["truth"]) for name, case in CASES.items()})


@settings(
    deadline=None,
    max_examples=examples(6, of=40),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(pairs=st.lists(st.one_of(related(), related(), PAIRS), min_size=4, max_size=8))
def test_kustomize_builds_the_expected_overlay_from_the_base(
    kustomize: Path, pairs: list[tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    patches = [(base, target, patch_for(base, target)) for base, target in pairs]
    results = patched([(base, patch) for base, _, patch in patches if patch is not None], kustomize)
    assert exact(results) == exact([target for _, target, patch in patches if patch is not None])
    assert all(exact(base) == exact(target) for base, target, patch in patches if patch is None)


def test_metadata_is_patched_beside_the_name() -> None:
    base = deployment({"hostNetwork": True}, labels={"app": "x", "old": "1"}, annotations={"note": "n"})
    target = deployment({"hostNetwork": True}, labels={"app": "y"})
    assert patch_for(base, target) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "x", "labels": {"app": "y", "old": None}, "annotations": None},
    }


def test_a_block_text_does_not_end_a_patch() -> None:
    base, target = (
        deployment({"containers": []}),
        deployment({"containers": [{"name": "a", "args": ["-c", "run\n"]}]}),
    )
    assert list(patch_for(base, target) or {}) == ["metadata", "spec", "apiVersion", "kind"]


def test_lists_of_a_custom_resource_are_whole(kustomize: Path) -> None:
    def route(*weights: int) -> dict[str, Any]:
        http = [{"name": f"r{weight}", "route": [{"weight": weight}]} for weight in weights]
        kind = {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService"}
        return {**kind, "metadata": {"name": "x"}, "spec": {"http": http}}

    assert patch_for(route(1, 2), route(1, 3)) == route(1, 3)
    assert patched([(route(1, 2), route(1, 3))], kustomize) == [route(1, 3)]


def test_equal_objects_need_no_patch() -> None:
    assert patch_for(deployment({"containers": []}), deployment({"containers": []})) is None


TWICE = {"containers": [{"name": "a", "env": [{"name": "E", "value": "1"}, {"name": "E", "value": "2"}]}]}
PORTS = {"containers": [{"name": "a", "ports": [{"containerPort": 53}, {"containerPort": 53, "protocol": "UDP"}]}]}
LOST: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "the same variable twice": (TWICE, {"hostNetwork": True, **TWICE}, "env', 1)"),
    "a volume without a name": ({"volumes": []}, {"volumes": [{"name": "v"}, {"emptyDir": {}}]}, "volumes', 1)"),
    "a port with and without protocol": ({"containers": [{"name": "a", "ports": []}]}, PORTS, "ports', 1)"),
}


@pytest.mark.parametrize("name", LOST)
def test_what_kustomize_would_drop_is_refused(name: str, kustomize: Path) -> None:
    base, target, place = LOST[name]
    with pytest.raises(BugError, match="kustomize would drop the list item") as refused:
        patch_for(deployment(base), deployment(target))
    assert place in str(refused.value)
    assert exact(patched([(deployment(base), deployment(target))], kustomize)) != exact([deployment(target)])


def test_a_patch_cannot_change_the_name() -> None:
    with pytest.raises(BugError, match="no patch can make it Deployment y"):
        patch_for(deployment({}), deployment({}, name="y"))
