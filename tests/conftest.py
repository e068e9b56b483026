"""Fixtures that all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from generator.core import programs as tools

ROOT = Path(__file__).parent.parent

# No test asserts a time. CI tries the same examples each time, so that a red run can be run again; others explore.
settings.register_profile(
    "servegen", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("servegen")


@pytest.fixture(scope="session")
def repository_root() -> Path:
    """This repository."""
    return ROOT


def _tool(name: str) -> Path:
    found = tools.find(name, near=ROOT)
    if found is None:
        pytest.skip(f"{name} is not installed: `make test` builds it where Go is there")
    return found


@pytest.fixture(scope="session")
def kustomize() -> Path:
    """The real kustomize."""
    return _tool("kustomize")


@pytest.fixture(scope="session")
def kubeconform() -> Path:
    """The real kubeconform."""
    return _tool("kubeconform")


@pytest.fixture(scope="session")
def pilot_discovery() -> Path:
    """The real control plane of Istio."""
    return _tool("pilot-discovery")


@pytest.fixture(scope="session")
def istioctl() -> Path:
    """The real istioctl."""
    return _tool("istioctl")


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a developer has set for git must not reach a test's repositories."""
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--rewrite` writes expected outputs anew, to be looked at in the diff."""
    parser.addoption("--rewrite", action="store_true", help="write expected outputs anew")
