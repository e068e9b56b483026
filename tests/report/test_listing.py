"""`servegen list`: selections, columns, and sizes in the form of a spec."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generator.cli.main import run
from generator.spec.values.gpu import Gpu, format_gpu, parse
from tests.conftest import ROOT


def _listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["-C", str(ROOT), "list", *arguments]) == 0
    return capsys.readouterr().out


def test_services_of_an_environment(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[dict[str, Any]] = json.loads(
        _listed(capsys, "services", "-e", "prod", "--project", "vision", "--output", "json")
    )
    sizes = [(row["service"], row["environment"], row["replicas"], row["cpu"], row["gpu"]) for row in rows]
    assert sizes == [
        ("detector-2026102", "prod", "1", "2~4", "0.2(T4)"),
        ("detector-2026111", "prod", "4~10", "2~4", "0.2(T4)"),
    ]


def test_models_that_an_environment_uses(capsys: pytest.CaptureFixture[str]) -> None:
    lines = _listed(capsys, "models", "--environment", "debug", "--project", "vision").splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["vision/detector", "v2026.11.1"]]


def test_wide_has_further_columns(capsys: pytest.CaptureFixture[str]) -> None:
    wide = _listed(capsys, "services", "--output", "wide", "--model", "mnist").splitlines()
    normal = _listed(capsys, "services", "--model", "mnist").splitlines()
    assert wide[0].split()[-7:] == ["MODEL", "VERSION", "REPLICAS", "CPU", "MEMORY", "GPU", "IMAGE"]
    assert all(line.startswith(short.rstrip()) for line, short in zip(wide, normal, strict=True))
    assert "v2022.08.01.1" in _listed(capsys, "models", "--output", "wide")


def test_nothing_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert _listed(capsys, "models", "-e", "test", "--project", "nobody") == (
        "nothing found for the project nobody and the environment test\n"
    )
    assert run(["-C", str(ROOT), "list", "services", "-e", "prd"]) == 2
    assert 'did you mean "prod"?' in capsys.readouterr().err
    assert run(["-C", str(ROOT), "list", "waivers", "-e", "prod"]) == 2
    assert "--environment has no effect on waivers" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["0", "2", "-1", "0.2", "0.05(T4)", "2(V100-32G)", "1(npu,910B)", "8192M,0.2(T4)"])
def test_a_gpu_in_its_compact_form(text: str) -> None:
    assert format_gpu(parse(text)) == text
    assert parse(format_gpu(parse(text))) == parse(text)
    assert format_gpu(Gpu(percent=7, memory_mib=512, vendor="npu")) == "512M,0.07(npu)"
