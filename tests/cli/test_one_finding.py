"""One mistake is one finding, in however many environments and objects it shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import servegen
from tests.support.prepared import minimal

_PATCH = "patches: [{kind: Deployment, spec: {template: {spec: "
_MODEL = "versions: {v1: {path: pvc://m/1/}}\n"
_OWN = "templates/service/base/90-own.yaml.j2"
_CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('labels: {team: "a b"}', ["N05 4:16"]),
        ("user: image", ["Q01 4:7"]),
        ("image: example.com/triton:latest", ["C24 4:8"]),
        ("host: a.example.org", ["A02 4:7"]),
        ("split: m-9:10%", ["H04 4:8"]),
        ("resources: {requests: {cpu: 1}, limits: {cpu: 2}}", ["K01 4:13"]),
        (_PATCH + "{containers: [{name: main, imagePulPolicy: Always}]}}}}]", ["V01 4:97"]),
        (_PATCH + "{hostNetwrk: true}}}}]", ["V01 4:67"]),
        # Two mistakes are two findings.
        (_PATCH + "{hostNetwrk: true, xx: 1}}}}]", ["V01 4:67", "V01 4:77"]),
        ('labels: {team: "a b", tier: "c d"}', ["N05 4:16", "N05 4:29"]),
    ],
)
def test_a_mistake_in_a_spec_is_one_finding(tmp_path: Path, line: str, expected: list[str]) -> None:
    minimal(tmp_path)
    spec = f"model: m\nversion: v1\ntype: triton-server\n{line}\nenvironments: {{test: , prod: }}\n"
    assert _found(tmp_path, {"services/p/a/m-1.yaml": spec, "services/p/models/m.yaml": _MODEL}) == expected


def test_a_misspelt_key_is_not_a_missing_one_too(tmp_path: Path) -> None:
    minimal(tmp_path)
    spec = "modle: m\nversion: v1\ntype: triton-server\nenvironments: {prod: }\n"
    assert _found(tmp_path, {"services/p/a/m-1.yaml": spec}) == ["K01 1:1"]


def test_one_name_in_two_projects_is_one_finding_for_all_environments(tmp_path: Path) -> None:
    minimal(tmp_path)
    spec = (
        "model: m\nversion: v1\ntype: triton-server\nenvironments: {test: , prod: {released: 2026-11-01T00:00:00Z}}\n"
    )
    services = {f"services/{project}/a/m-1.yaml": spec for project in "pq"}
    models = {f"services/{project}/models/m.yaml": _MODEL for project in "pq"}
    assert _found(tmp_path, {**services, **models}) == ["H01 1:1"]


def test_a_mistake_in_a_template_is_one_finding(tmp_path: Path) -> None:
    minimal(tmp_path)
    spec = "model: m\nversion: v1\ntype: triton-server\nenvironments: {test: , prod: }\n"
    files = {"services/p/a/m-1.yaml": spec, "services/p/models/m.yaml": _MODEL}
    assert _found(tmp_path, {**files, _OWN: f"{_CONFIG_MAP}{{{{ super() }}}}\n"}) == ["T01 4:3"]


def _found(root: Path, files: dict[str, str]) -> list[str]:
    for file, text in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text, encoding="utf-8")
    done = servegen(root, "validate", "--engine", "embedded", "--output", "json")
    found = [one for one in json.loads(done.stdout) if one["file"] in files]
    return [f"{one['id']} {one['line']}:{one['column']}" for one in found]
