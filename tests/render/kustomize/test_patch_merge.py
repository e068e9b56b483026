"""In-memory merge of a spec's own patches, verified with the real kustomize."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.core.programs.kustomize import exact
from generator.render.kustomize.choices import other_choices
from generator.render.kustomize.merge import merge, needless_removals
from generator.render.kustomize.merge_keys import identity, keyed_lists
from generator.spec.values.invalid_value import InvalidValueError
from tests.render.kustomize.patches import PATCHED
from tests.render.kustomize.test_patch import deployment
from tests.support.fuzz import examples
from tests.support.kustomize import patched
from tests.support.yaml_file import read_yaml


def _cases(name: str) -> dict[str, Any]:
    found: dict[str, Any] = read_yaml(Path(__file__).parent / name)
    return found


CASES = _cases("merge_cases.yaml")
REFUSED = _cases("refused_cases.yaml")
POD = {
    "containers": [{"name": "main", "ports": [{"containerPort": 80}]}],
    "volumes": [{"name": "v"}],
    "nodeSelector": {"gpu": "a"},
    "hostAliases": [{"ip": "10.0.0.1"}, {"ip": "10.0.0.1"}],
    "tolerations": [{"key": "a"}],
}
TARGET = {**deployment(POD), "spec": {**deployment(POD)["spec"], "replicas": 1}}
IN_POD = ("spec", "template", "spec")


@pytest.mark.parametrize("name", CASES)
def test_merge(name: str) -> None:
    case = CASES[name]
    target, patch = deployment(case["target"]), deployment(case["patch"])
    before = deepcopy((target, patch))
    assert exact(merge(target, patch)) == exact(deployment(case["result"]))
    assert needless_removals(target, patch) == [(*IN_POD, *path) for path in case.get("missed", [])]
    assert (target, patch) == before


def test_kustomize_gives_the_result_of_each_case(kustomize: Path) -> None:
    pairs = [(deployment(case["target"]), deployment(case["patch"])) for case in CASES.values()]
    results = dict(zip(CASES, patched(pairs, kustomize), strict=True))
    assert exact(results) == exact({name: deployment(case["result"]) for name, case in CASES.items()})


@pytest.mark.parametrize("name", REFUSED)
def test_a_patch_that_kustomize_cannot_apply_is_refused(name: str) -> None:
    case = REFUSED[name]
    for function in (merge, needless_removals):
        with pytest.raises(InvalidValueError) as refused:
            function(TARGET, case["patch"])
        assert (str(refused.value), list(refused.value.at)) == (case["message"], case["at"])


@settings(
    deadline=None,
    max_examples=examples(6, of=40),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(drawn=st.lists(PATCHED, min_size=4, max_size=8))
def test_kustomize_gives_the_same_result(kustomize: Path, drawn: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    pairs, results = [], []
    for target, patch in drawn:
        try:
            results.append(merge(target, patch))
        except InvalidValueError:
            continue
        pairs.append((target, _named_last(_with_removals(target, patch))))
    assert exact(patched(pairs, kustomize) if pairs else []) == exact(results)


def _with_removals(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Return the patch with a null for each field that it displaces, because kustomize would keep them all."""
    keyed = keyed_lists(target)

    def visit(old: Any, new: Any, pattern: str) -> Any:
        if isinstance(new, dict):
            before = old if isinstance(old, dict) and new.get("$patch") in (None, "merge") else {}
            removed = {name: None for name in other_choices(target["kind"], pattern, new) if name in before}
            return {key: visit(before.get(key), value, f"{pattern}.{key}") for key, value in new.items()} | removed
        keys = keyed.get(pattern)
        if keys is None or not isinstance(new, list):
            return new
        known = {} if new and new[0] == {"$patch": "replace"} else {identity(item, keys): item for item in old or []}
        return [visit(known.get(identity(item, keys)), item, f"{pattern}[]") for item in new]

    found: dict[str, Any] = visit(target, patch, "")
    return found


def _named_last(patch: dict[str, Any]) -> dict[str, Any]:
    """Put apiVersion and kind last, so that no block string ends the patch: kustomize trims an inline patch."""
    kind = {key: patch[key] for key in ("apiVersion", "kind")}
    return {key: value for key, value in patch.items() if key not in kind} | kind


def test_a_new_list_may_say_replace() -> None:
    patch = deployment({"volumes": [{"$patch": "replace"}, {"name": "v"}]})
    assert merge(deployment({}), patch) == deployment({"volumes": [{"name": "v"}]})


def test_an_object_keeps_its_name_and_loses_empty_annotations() -> None:
    target = deployment({}, namespace="n", annotations={"a": "b"}, labels={"c": "d"})
    assert merge(target, {"kind": "Deployment", "metadata": {"$patch": "replace", "labels": {"e": "f"}}}) == deployment(
        {}, namespace="n", labels={"e": "f"}
    )
    assert merge(target, {"metadata": {"annotations": {"a": None}}}) == deployment({}, namespace="n", labels={"c": "d"})


def test_ports_of_a_service_are_found_by_their_number() -> None:
    target = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"ports": [{"port": 80}]}}
    patch = {"kind": "Service", "spec": {"ports": [{"port": 80, "appProtocol": "http"}]}}
    assert merge(target, patch)["spec"] == patch["spec"]


def test_lists_of_a_custom_resource_are_whole() -> None:
    kind = {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": {"name": "x"}}
    target = {**kind, "spec": {"http": [{"name": "a"}, {"name": "b"}], "hosts": ["h"]}}
    assert merge(target, {**kind, "spec": {"http": [{"name": "b", "timeout": "1s"}]}}) == {
        **kind,
        "spec": {"http": [{"name": "b", "timeout": "1s"}], "hosts": ["h"]},
    }
