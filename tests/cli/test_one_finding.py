"""One mistake is one finding, in however many environments and objects it shows."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import Final

from tests.support.clones import write
from tests.support.command import servegen
from tests.support.corpus import cases
from tests.support.prepared import minimal

_PATCH = "patches: [{kind: Deployment, spec: {template: {spec: "
_MODEL = "versions: {v1: {path: pvc://m/1/}}\n"
_OWN = "templates/service/base/90-own.yaml.j2"
_CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "


MISTAKES: Final = (
    ('labels: {team: "a b"}', ["N05 4:16"]),
    ("user: image", ["Q01 4:7"]),
    ("image: example.com/triton:latest", ["C24 4:8"]),
    ("host: a.example.org", ["A02 4:7"]),
    ("split: m-99:10%", ["H04 4:8"]),
    ("resources: {requests: {cpu: 1}, limits: {cpu: 2}}", ["K01 4:13"]),
    (_PATCH + "{containers: [{name: main, imagePulPolicy: Always}]}}}}]", ["V01 4:97"]),
    (_PATCH + "{hostNetwrk: true}}}}]", ["V01 4:67"]),
    # What the API server would refuse needs no grant: the grant depends on the value that is meant.
    (_PATCH + "{nodeName: Node_1}}}}]", ["O04 4:65"]),
    (_PATCH + "{tolerations: [{key: a, operator: Exists, effect: NoSchedul}]}}}}]", ["O04 4:104"]),
    (_PATCH + "{volumes: [{name: a, configMap: {name: a}, emptyDir: {}}]}}}}]", ["O01 4:65"]),
    ("patches: [{kind: Service, spec: {externalIPs: [1.2.3]}}]", ["O04 4:48"]),
    # Two mistakes are two findings.
    (_PATCH + "{nodeName: Node_1, hostname: x}}}}]", ["O04 4:65", "A08 4:83"]),
    (_PATCH + "{hostNetwrk: true, xx: 1}}}}]", ["V01 4:67", "V01 4:77"]),
    ('labels: {team: "a b", tier: "c d"}', ["N05 4:16", "N05 4:29"]),
)


def test_a_mistake_in_a_spec_is_one_finding(tmp_path: Path) -> None:
    """Each mistake is in a project of its own, all of them in one repository."""
    minimal(tmp_path)
    files: dict[str, str] = {}
    expected: dict[str, list[str]] = {}
    for number, (line, found) in enumerate(MISTAKES, 1):
        head = f"model: m\nversion: v{number}\ntype: triton-server\n"
        spec, model = f"services/p{number}/a/m-{number}.yaml", f"services/p{number}/models/m.yaml"
        files |= {spec: f"{head}{line}\nenvironments: {{test: , prod: }}\n", model: _MODEL.replace("v1", f"v{number}")}
        expected |= {spec: found, model: []}
    assert _found_in(tmp_path, files) == expected


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
    return [*chain.from_iterable(_found_in(root, files).values())]


def _found_in(root: Path, files: dict[str, str]) -> dict[str, list[str]]:
    write(root, files)
    done = servegen(root, "validate", "--engine", "embedded", "--output", "json")
    found: dict[str, list[str]] = {file: [] for file in files}
    for one in json.loads(done.stdout):
        found.get(one["file"], []).append(f"{one['id']} {one['line']}:{one['column']}")
    return found


def test_a_port_that_two_series_share_is_one_finding(tmp_path: Path) -> None:
    minimal(tmp_path)
    (case,) = (case for case in cases() if str(case) == "P01: the same node port from two series")
    found = _found(tmp_path, {file: content.decode() for file, content in case.files.items()})
    assert [one for one in found if one.startswith("P")] == ["P06 1:5"]
