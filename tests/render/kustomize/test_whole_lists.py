"""Patches of lists that have no merge key: what is merged by name, what is dropped, and what is not a list at all."""

from __future__ import annotations

from typing import Any

import pytest

from generator.render.kustomize.whole_lists import CompletePatch, describe_item

GPU = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
TEAM = {"key": "team", "value": "a", "effect": "NoSchedule"}


def _deployment(pod: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": pod}}}


def _complete(pod: dict[str, Any], patch: dict[str, Any]) -> tuple[dict[str, Any], CompletePatch]:
    made = CompletePatch.of(_deployment(pod), _deployment(patch))
    return made.patch["spec"]["template"]["spec"], made


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ([TEAM], [GPU, TEAM]),
        ([{**GPU, "tolerationSeconds": 5}], [{**GPU, "tolerationSeconds": 5}]),
        ([{**GPU, "$patch": "delete"}, TEAM], [TEAM]),
        ([{"$patch": "replace"}, TEAM], [TEAM]),
        ([], [GPU]),
    ],
)
def test_tolerations_merge_by_what_they_name(patch: list[Any], expected: list[Any]) -> None:
    pod, made = _complete({"tolerations": [GPU]}, {"tolerations": patch})
    assert pod["tolerations"] == expected
    assert (made.dropped, made.missed) == ([], [])


def test_a_list_that_is_meant_may_be_one_that_the_object_lacks() -> None:
    terms = [{"matchExpressions": [{"key": "disk", "operator": "Exists"}]}]
    patch = {"affinity": {"nodeAffinity": {"x": {"nodeSelectorTerms": [{"$patch": "replace"}, *terms]}}}}
    pod, made = _complete({}, patch)
    assert pod == {"affinity": {"nodeAffinity": {"x": {"nodeSelectorTerms": terms}}}}
    assert made.dropped == []


def test_an_item_to_delete_that_is_not_there_is_missed() -> None:
    pod, made = _complete({"tolerations": [GPU]}, {"tolerations": [{**TEAM, "$patch": "delete"}]})
    assert pod["tolerations"] == [GPU]
    assert made.missed == [("spec", "template", "spec", "tolerations", 0)]


def test_lists_inside_of_keyed_lists_are_found_by_the_key() -> None:
    old = {"containers": [{"name": "a"}, {"name": "b", "envFrom": [{"configMapRef": {"name": "x"}}]}]}
    new = {"containers": [{"name": "b", "envFrom": [{"secretRef": {"name": "x"}}]}, {"name": "c"}]}
    pod, _ = _complete(old, new)
    both = [{"configMapRef": {"name": "x"}}, {"secretRef": {"name": "x"}}]
    assert pod == {"containers": [{"name": "b", "envFrom": both}, {"name": "c"}]}


def test_other_lists_say_what_they_drop() -> None:
    old = {"dnsConfig": {"searches": ["a", "b"], "options": [{"name": "ndots", "value": "2"}]}}
    _, made = _complete(old, {"dnsConfig": {"searches": ["b", "c"], "options": [{"name": "edns0"}]}})
    assert [(found.path[-1], [*map(describe_item, found.items)]) for found in made.dropped] == [
        ("searches", ["a"]),
        ("options", ["ndots 2"]),
    ]


@pytest.mark.parametrize("junk", [None, 1, "x", {}, [1], [None], [{"key": ["x"]}], [{"name": ["x"]}], [[]]])
@pytest.mark.parametrize("key", ["tolerations", "containers", "volumes", "dnsConfig"])
def test_what_is_no_list_of_mappings_is_left_to_the_schema(key: str, junk: object) -> None:
    for old in ([GPU], ["x"], [{"name": "main"}]):
        CompletePatch.of(_deployment({key: old}), _deployment({key: junk}))
