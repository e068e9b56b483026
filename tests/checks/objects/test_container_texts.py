"""Checks of the texts of containers read objects of any form, because templates and patches can write any."""

from __future__ import annotations

from typing import Any

import pytest

from generator.checks.objects import c33_references, c34_no_shell, c35_open_quotes
from tests.checks.objects.test_route_table import PLACE

_CHECKS = (c33_references, c34_no_shell, c35_open_quotes)


@pytest.mark.parametrize(
    "spec",
    [
        None,
        [],
        {"containers": "x"},
        {"containers": [7, None, {"command": "$(A)"}, {"command": ["$(A)", 5]}, {"args": {"a": "$(A)"}}]},
        {"containers": [{"env": "x"}, {"env": [5, {"value": "$(A)"}, {"name": "A", "value": 7}]}]},
        {"containers": [{"startupProbe": "x", "readinessProbe": {"exec": [1]}, "livenessProbe": {"exec": {}}}]},
        {"initContainers": {"name": "a"}, "containers": [{"envFrom": 3}]},
    ],
)
def test_values_of_a_wrong_type_are_left_to_the_schema(spec: Any) -> None:
    tree = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "m"},
        "spec": {"template": {"spec": spec}},
    }
    assert [found for check in _CHECKS for found in check.violations(tree, PLACE)] == []


def test_each_text_has_its_path() -> None:
    container = {
        "name": "main",
        "command": ["bash", "-c"],
        "args": ['run "x'],
        "env": [5, {"name": "A", "value": "$(B)"}],
        "livenessProbe": {"exec": {"command": ["check", "$(C)"]}},
    }
    pod = {"enableServiceLinks": False, "containers": [container]}
    tree = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "m"}, "spec": pod}
    paths = [".".join(map(str, one.path)) for check in _CHECKS for one in check.violations(tree, PLACE)]
    assert paths == [
        "spec.containers.0.env.1.value",
        "spec.containers.0.livenessProbe.exec.command.1",
        "spec.containers.0.args.0",
    ]
