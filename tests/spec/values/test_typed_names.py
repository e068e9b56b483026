"""Exactly the names that kustomize cannot handle as keys are refused; each is tried with the real kustomize."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from generator.spec.values.text import looks_typed

if TYPE_CHECKING:
    from pathlib import Path

STOPS = [
    "0",
    "8",
    "007",
    "1.",
    "1.5",
    ".5",
    "-1",
    "1e3",
    "1.5E+2",
    "1_000",
    "0x1f",
    "0o14",
    "0b11",
    "true",
    "True",
    "TRUE",
    "false",
    "null",
    "Null",
    ".inf",
    ".NaN",
    "2026-11-23",
    "2026-1-2",
]
CARRIES = [
    "yes",
    "no",
    "on",
    "off",
    "y",
    "n",
    "Y",
    "-",
    "--",
    "1.2.3",
    "10.0.0.1",
    "2026-11-23.txt",
    "12.txt",
    "3d",
    "inf",
    "nan",
    "tRue",
    "e3",
    "0xg",
    "1-2",
    "v1",
    "a.b",
]


@pytest.mark.parametrize("name", [*STOPS, *CARRIES])
def test_what_is_refused_is_what_stops_the_build(name: str, tmp_path: Path, kustomize: Path) -> None:
    (tmp_path / name).write_text("x\n", encoding="utf-8")
    text = f'configMapGenerator:\n  - name: c\n    files: ["{name}"]\n'
    (tmp_path / "kustomization.yaml").write_text(text, encoding="utf-8")
    done = subprocess.run([kustomize, "build", tmp_path], capture_output=True, text=True, check=False)
    assert looks_typed(name) == (done.returncode != 0), done.stderr
    assert looks_typed(name) == (name in STOPS)
