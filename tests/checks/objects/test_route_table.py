"""H16: routes that would break a gateway are refused, and rendered routes are not.

The effect of each of them in a gateway: `tests/e2e/mesh/test_refused.py`.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from generator.checks.objects import check_object
from generator.fleet.model import EnvironmentContext
from generator.spec.platform import Cluster
from generator.spec.stage import Rules
from generator.spec.validator import require_valid
from tests.conftest import ROOT
from tests.support.one_app import objects, service
from tests.support.yaml_file import read_yaml

CASES: Final[list[dict[str, Any]]] = read_yaml(ROOT / "tests" / "cases" / "refused-routes.yaml")
FACTS: Final = require_valid(Cluster, {"domain": "example.com", "gateways": "managed"})
PLACE: Final = EnvironmentContext("prod", "main", FACTS, Rules())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_each_is_refused_before_the_merge(case: dict[str, Any]) -> None:
    tree = {"kind": "VirtualService", "metadata": {"name": "x.example.com-80"}, "spec": {"http": case["http"]}}
    assert [id for id, _ in check_object(tree, PLACE)] == ["H16"]


def test_what_is_rendered_is_not_refused() -> None:
    ports, other = "ports: 8000,8002\n", "host: y.example.com\nsplit: m-2:100%\nheaders: {name: x-a, service: m-2}\n"
    fleet = objects(service(1, "host: x.example.com\n"), service(2, ports), service(3, ports + other))
    assert [fault for tree in fleet for fault in check_object(tree, PLACE)] == []
