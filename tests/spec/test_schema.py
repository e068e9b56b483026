"""The JSON Schema offers the names of a repository's extension files."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from generator.spec.keys import Extension, list_extensions
from generator.spec.options import Option
from generator.spec.schema import KINDS, schema

NAMES = {kind: [f"{kind.name.lower()}-b", f"{kind.name.lower()}-a"] for kind in Extension}
CASES = [
    ("service", "Service", "type", {"enum": ["server-a", "server-b"]}),
    ("service", "Service", "sidecar", {"anyOf": [{"enum": ["sidecar-a", "sidecar-b"]}, {"type": "null"}]}),
    ("service", "Release", "sidecar", {"anyOf": [{"enum": ["sidecar-a", "sidecar-b"]}, {"type": "null"}]}),
    ("project", "Settings", "sidecar", {"anyOf": [{"enum": ["sidecar-a", "sidecar-b"]}, {"type": "null"}]}),
    ("platform", "GpuFacts", "backend", {"enum": ["backend-a", "backend-b"]}),
    ("platform", "GpuFacts", "nodes", {"enum": ["nodes-a", "nodes-b"]}),
    ("platform", "MetricSource", "exporter", {"anyOf": [{"enum": ["exporter-a", "exporter-b"]}, {"type": "null"}]}),
    ("platform", "Environment", "stage", {"enum": ["stage-a", "stage-b"]}),
]

CHOICE = Option(description="precision", type="text", choices=("half", "float"))
SERVERS = {
    "small": {"workers": Option(description="processes", type="integer", min="1", default="2")},
    "large": {"workers": Option(description="threads", type="integer"), "dtype": CHOICE},
}


def _property(made: dict[str, Any], model: str, key: str) -> dict[str, Any]:
    found: dict[str, Any] = made.get("$defs", {}).get(model, made)["properties"][key]
    return found


@pytest.mark.parametrize(("kind", "model", "key", "expected"), CASES)
def test_a_key_that_names_a_file_is_an_enum(kind: str, model: str, key: str, expected: dict[str, Any]) -> None:
    found = _property(schema(kind, extensions=NAMES), model, key)
    assert {word: found[word] for word in ("enum", "anyOf", "type") if word in found} == expected
    assert found["description"]


def test_the_card_of_a_pool_is_one_of_the_catalogue() -> None:
    made = schema("platform", catalogue=["T4", "A10"])
    pool = {"nodes": 4, "cpu": 32, "memory": "128Gi", "cards": 4}
    judge = jsonschema_rs.validator_for({**made["$defs"]["NodePool"], "$defs": made["$defs"]})
    assert [judge.is_valid({**pool, "card": card}) for card in ("T4", "T4-SHARED", "A10-MIG-1g.5gb", "T5")] == [
        True,
        True,
        True,
        False,
    ]


def test_every_kind_of_extension_file_is_named_by_a_key() -> None:
    named = {kind for kind in Extension for _, _, _, expected in CASES if NAMES[kind][0] in str(expected)}
    assert named == set(Extension)
    assert list(list_extensions(KINDS["service"])) == [("type", Extension.SERVER), ("sidecar", Extension.SIDECAR)]


@pytest.mark.parametrize(
    ("spec", "wrong"),
    [
        ({"type": "small", "options": {"workers": 3}}, []),
        ({"type": "small", "options": {"workers": None}, "environments": {"test": None}}, []),
        ({"type": "small", "options": {"workers": 0}}, ["options/workers"]),
        ({"type": "small", "options": {"dtype": "half"}}, ["options"]),
        ({"type": "large", "options": {"dtype": "double"}}, ["options/dtype"]),
        ({"type": "large", "environments": {"test": {"options": {"x": 1}}}}, ["environments/test/options"]),
    ],
)
def test_the_options_of_a_service_are_those_of_its_model_server(spec: dict[str, Any], wrong: list[str]) -> None:
    validator = jsonschema_rs.validator_for(schema("service", servers=SERVERS))
    errors = validator.iter_errors({"model": "m", "version": "v1", "ports": 80, **spec})
    assert ["/".join(map(str, error.instance_path)) for error in errors] == wrong


def test_the_options_of_a_project_are_those_of_all_model_servers() -> None:
    validator = jsonschema_rs.validator_for(schema("project", servers=SERVERS))
    assert validator.is_valid({"defaults": {"options": {"workers": 0, "dtype": "half"}}})
    assert not validator.is_valid({"defaults": {"options": {"worker": 1}}})
