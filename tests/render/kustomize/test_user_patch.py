"""A patch of the pods of a LeaderWorkerSet has the result that it has for a Deployment's pods."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

import pytest

from generator.core.programs.kustomize import exact
from generator.render.kustomize.user_patch import apply_patch
from generator.spec.values.invalid_value import InvalidValueError
from tests.render.kustomize.test_patch import deployment
from tests.render.kustomize.test_patch_merge import CASES, IN_POD, REFUSED, TARGET

GROUP: Final = ("spec", "leaderWorkerTemplate")
LEADER: Final = "leaderTemplate"
WORKER: Final = "workerTemplate"


def _group(**templates: Any) -> dict[str, Any]:
    head = {"apiVersion": "leaderworkerset.x-k8s.io/v1", "kind": "LeaderWorkerSet", "metadata": {"name": "m"}}
    return {**head, "spec": {"replicas": 2, "leaderWorkerTemplate": {"size": 2, **templates}}}


def _template(tree: dict[str, Any]) -> Any:
    return tree["spec"]["template"]


def _in_group(templates: dict[str, Any]) -> dict[str, Any]:
    return {"spec": {"leaderWorkerTemplate": templates}}


@pytest.mark.parametrize("template", [LEADER, WORKER])
@pytest.mark.parametrize("name", CASES)
def test_each_case_of_a_deployment(name: str, template: str) -> None:
    target, change = deployment(CASES[name]["target"]), deployment(CASES[name]["patch"])
    other = {"spec": {"containers": [{"name": "main", "env": [{"name": "A", "value": "1"}]}]}}
    rest = {one: other for one in (LEADER, WORKER) if one != template}
    tree = _group(**{template: _template(target)}, **rest)
    patch = {"kind": "LeaderWorkerSet", **_in_group({template: _template(change)})}
    before = deepcopy((tree, patch))
    expected, made = apply_patch(target, change), apply_patch(tree, patch)
    assert exact(made.tree) == exact(_group(**{template: _template(expected.tree)}, **rest))
    assert made.missed == tuple((*GROUP, template, *path[2:]) for path in expected.missed)
    assert [one.items for one in made.dropped] == [one.items for one in expected.dropped]
    assert (tree, patch) == before


@pytest.mark.parametrize("name", [name for name, case in REFUSED.items() if case["at"][:3] == [*IN_POD]])
def test_what_cannot_be_merged_is_refused_at_its_path(name: str) -> None:
    patch = REFUSED[name]["patch"]
    expected, at = _outcome(TARGET, patch)
    found, place = _outcome(_group(leaderTemplate=_template(TARGET)), _in_group({LEADER: _template(patch)}))
    assert found == (expected if at else _group(leaderTemplate=_template(expected)))
    assert place == ((*GROUP, LEADER, *at[2:]) if at else ())


def _outcome(tree: dict[str, Any], patch: dict[str, Any]) -> tuple[Any, tuple[str | int, ...]]:
    """Return the patched object, or the message and the path of what cannot be merged."""
    try:
        return apply_patch(tree, patch).tree, ()
    except InvalidValueError as mistake:
        return str(mistake), mistake.at


def test_fields_of_the_group_and_of_both_templates() -> None:
    tree = _group(leaderTemplate=_template(TARGET), workerTemplate=_template(TARGET))
    change = {"spec": {"containers": [{"name": "main", "tty": True}], "tolerations": [{"key": "b"}]}}
    patch = {"spec": {"replicas": 3, "leaderWorkerTemplate": {"size": 4, LEADER: change, WORKER: None}}}
    made = apply_patch(tree, patch)
    leader = made.tree["spec"]["leaderWorkerTemplate"][LEADER]["spec"]
    assert leader["containers"] == [{"name": "main", "ports": [{"containerPort": 80}], "tty": True}]
    assert leader["tolerations"] == [{"key": "a"}, {"key": "b"}]
    assert made.tree["spec"]["replicas"] == 3
    assert made.tree["spec"]["leaderWorkerTemplate"].keys() == {"size", LEADER}


def test_a_list_that_has_no_keys_and_is_replaced() -> None:
    tree = _group(leaderTemplate={"spec": {"dnsConfig": {"nameservers": ["10.0.0.1", "10.0.0.2"]}}})
    made = apply_patch(tree, _in_group({LEADER: {"spec": {"dnsConfig": {"nameservers": ["10.0.0.3"]}}}}))
    (dropped,) = made.dropped
    assert dropped.path == (*GROUP, LEADER, "spec", "dnsConfig", "nameservers")
    assert dropped.items == ("10.0.0.1", "10.0.0.2")
