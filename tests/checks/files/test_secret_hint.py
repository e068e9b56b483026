"""What the hint of L01 says, once done, leaves no finding, and the spec is valid."""

from __future__ import annotations

import re

import pytest

from generator.checks.files import check_files
from generator.core.yaml import read
from generator.spec.parse import parse
from generator.spec.service import Service
from generator.spec.values.env import KeyReference

_BASE = "model: m\nversion: v1\ntype: triton-server\nenvironments: {prod: }\n"
_FILE = "services/p/a/m-1.yaml"


def _hint(text: str, file: str = _FILE) -> str:
    (finding,) = check_files({file: text.encode()})
    return finding.hint


@pytest.mark.parametrize("variable", ["DB_PASSWORD", "hub.token", "_API_KEY", "apiKey", "A--TOKEN", "PASSWORD_1"])
def test_the_reference_for_a_variable_can_be_pasted(variable: str) -> None:
    hint = _hint(f"env:\n  {variable}: correct horse battery 1\n{_BASE}")
    line = hint.removeprefix("write ").partition(";")[0]
    text = f"env:\n  {line}\n{_BASE}"
    document, mistakes = read(text.encode(), _FILE)
    assert document is not None
    assert mistakes == []
    spec, findings = parse(Service, document)
    assert findings == []
    assert spec is not None
    assert isinstance((spec.env or {})[variable], KeyReference)
    assert check_files({_FILE: text.encode()}) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("env: DB_PASSWORD=battery-1", "write env as a mapping, with DB_PASSWORD: {secret: m-1/db-password}"),
        (
            "config: {a.properties: db.password=battery-1}",
            "put the file into the Secret m-1, and mount it: add m-1(secret):/secrets to volumes",
        ),
        ("command: run --api-key battery-1", "add API_KEY: {secret: m-1/api-key} to env, and write $API_KEY here"),
        (
            "command: [run, --api-key, battery-1]",
            "add API_KEY: {secret: m-1/api-key} to env, and write $(API_KEY) here",
        ),
        (
            "annotations: {db_password: battery-1}",
            "remove it; if a program needs it, add DB_PASSWORD: {secret: m-1/db-password} to env",
        ),
        (
            "# see https://robot:battery-1@example.com",
            "remove it; if a program needs it, add PASSWORD: {secret: m-1/password} to env",
        ),
        (
            "patches: [{spec: {env: [{name: DB_PASSWORD, value: battery-1}]}}]",
            "remove it from the patch, and add DB_PASSWORD: {secret: m-1/db-password} to env",
        ),
        ("environments: {prod: {env: {DB_PASSWORD: battery-1}}}", "write DB_PASSWORD: {secret: m-1/db-password}"),
    ],
)
def test_each_place_has_its_own_hint(text: str, expected: str) -> None:
    assert _hint(text) == f"{expected}; replace the secret if it was pushed"


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("services/platform.yaml", "shared"),
        ("services/vision/project.yaml", "vision"),
        ("services/vision/models/detector.yaml", "detector"),
        ("services/vision/Wrong/m-1.yaml", "shared"),
    ],
)
def test_the_secret_is_named_after_the_file(file: str, name: str) -> None:
    hint = _hint("defaults: {env: {DB_PASSWORD: battery-1}}", file)
    assert re.fullmatch(rf"write DB_PASSWORD: \{{secret: {name}/db-password\}};.*", hint)


def test_a_model_s_path_has_its_secret_in_the_platform_file() -> None:
    text = "versions: {v1: {path: 's3://models/m?api_key=battery-1'}}"
    expected = "remove it, and name its Secret under `sources` in services/platform.yaml"
    assert _hint(text, "services/p/models/m.yaml").startswith(expected)
