"""A fixture for both engines, with the kubeconform that the tests found."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from generator.schemas.engines import ENGINES

if TYPE_CHECKING:
    from pathlib import Path

    from generator.schemas.engines import Engine


@pytest.fixture
def engines(kubeconform: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Engine]:
    """The engines that `--engine` may name; skips the test if there is no kubeconform."""
    monkeypatch.setenv("PATH", f"{kubeconform.parent}{os.pathsep}{os.environ['PATH']}")
    return ENGINES
