"""Fixtures that all tests share."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from generator.core.programs import find
from tests.support.fuzz import FACTOR, examples
from tests.support.shared_folder import shared_folder

ROOT = Path(__file__).parent.parent

# The tests start servegen some thousand times. As an installed one, it has its modules compiled after the first start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Nor does each worker compile all tests.
sys.dont_write_bytecode = False
# In place of the machine's own settings: no test waits for a disk, or starts a garbage collector for nothing.
os.environ["GIT_CONFIG_SYSTEM"] = str(ROOT / "tests" / "support" / "gitconfig")
# A new repository gets empty folders for hooks and settings, without the 15 files of samples that git copies.
os.environ["GIT_TEMPLATE_DIR"] = str(ROOT / "tests" / "support" / "git_template")
_OUR_GIT = ("GIT_CONFIG_SYSTEM", "GIT_TEMPLATE_DIR")
# Results of earlier runs would hide what a test is about. Tests of the cache turn it on (tests/support/cache.py).
os.environ["SERVEGEN_NO_CACHE"] = "1"

shared_folder()  # before there are workers

# Files with a test of many seconds, nearly all of it in one process.
_LONG = frozenset({"test_ci_files.py", "test_mlflow.py", "test_wheel.py", "test_workers.py"})

# No test asserts a duration. CI uses the same examples each time, so that a failed run can be repeated; other runs
# try random ones.
settings.register_profile(
    "servegen",
    deadline=None,
    derandomize="CI" in os.environ and FACTOR == 1,
    max_examples=examples(15, of=100),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("servegen")


@pytest.fixture(scope="session")
def repository_root() -> Path:
    """The root of this source tree."""
    return ROOT


def find_program(name: str) -> Path | None:
    """Return the path of a program on PATH, or where `make setup` builds it."""
    built = shutil.which(name, path=str(ROOT / ".tools" / "bin"))
    return find(name) or (Path(built) if built else None)


def _tool(name: str) -> Path:
    found = find_program(name)
    if found is None:
        pytest.skip(f"{name} is not installed: `make setup` builds it where Go is there")
    return found


@pytest.fixture(scope="session")
def kustomize() -> Path:
    """The path of the real kustomize."""
    return _tool("kustomize")


@pytest.fixture(scope="session")
def kubeconform() -> Path:
    """The path of the real kubeconform."""
    return _tool("kubeconform")


@pytest.fixture(autouse=True)
def without_garbage_collection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the Go programs of a test, kustomize and kubeconform, end before they collect garbage.

    Each reads a few small files, and spends a third of its processor time on that. A program with more than 1 GiB
    collects. Those that a session starts, such as a cluster, are as ever. Source: https://go.dev/doc/gc-guide
    """
    monkeypatch.setenv("GOGC", "off")
    monkeypatch.setenv("GOMEMLIMIT", "1GiB")


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove other GIT_* variables and the tools of servegen: a developer's must not reach a test's repositories."""
    monkeypatch.setenv("SERVEGEN_TOOLS", os.devnull)
    for name in list(os.environ):
        if name.startswith("GIT_") and name not in _OUR_GIT:
            monkeypatch.delenv(name)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--rewrite`, which rewrites the expected outputs; review them in the diff."""
    parser.addoption("--rewrite", action="store_true", help="write expected outputs anew, and run no other tests")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put long tests first, so that no worker is left alone with one of them.

    With `--rewrite`, select only the tests that write expected outputs.
    """
    items.sort(key=lambda item: item.path.name not in _LONG)
    if config.getoption("--rewrite"):
        others = [item for item in items if "rewrite" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep what is collected, which stays to the end, out of all garbage collections, also those of forks."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture
def rewrite(request: pytest.FixtureRequest) -> bool:
    """Whether the test must rewrite its expected output before it compares."""
    return bool(request.config.getoption("--rewrite"))
