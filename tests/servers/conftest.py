"""Fixtures of the pod runner.

Without `make servers`, which installs the servers, pytest collects nothing here.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.servers.images import BASE, Images
from tests.servers.install import VARIABLE, VERSIONS, installed
from tests.servers.installed_images import images_of
from tests.servers.objects import Given, Tree
from tests.servers.pod import Pod
from tests.servers.published import Publish
from tests.servers.published import publish as publish_model
from tests.servers.scraping import watch as watch_pod

collect_ignore_glob = [] if VARIABLE in os.environ else ["*"]
_PARTS = ("", "_published", "_imported", "_tour")
# Tests of servers that are not requested in this run.
_absent = set(VERSIONS) - set(installed()) if VARIABLE in os.environ else set()
collect_ignore = [f"test_{name}{part}.py" for name in _absent for part in _PARTS]
FIXTURES = Path(__file__).parent / "fixtures"

Watch = Callable[[Pod, list[Tree], Callable[[], object]], None]
"""A function that lets a real Prometheus watch a pod of these objects, and calls the last argument for a prediction."""
MakePod = Callable[..., Pod]
"""A function that creates a pod from trees, or from a file of the fixtures, with the arguments of Pod.create."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder: they need no cluster."""
    here = f"{Path(__file__).parent}{os.sep}"
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.servers)


@pytest.fixture(scope="session")
def images() -> Images:
    """The images for which this run has something installed."""
    return {**BASE, **images_of(installed())}


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that every user may enter; pytest's own is open to its owner only."""
    made = Path(tempfile.mkdtemp(prefix="servegen-pod-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def publish(tmp_path: Path, kustomize: Path) -> Publish:
    """A function that publishes a model in a repository of its own."""
    return partial(publish_model, tmp_path, kustomize)


@pytest.fixture
def watch(tmp_path: Path, rewrite: bool) -> Watch:
    """A function that checks the dashboard which `publish` rendered."""
    return partial(watch_pod, tmp_path / "rendered/platform/main/dashboards", rewrite)


@pytest.fixture
def make_pod(images: Images, folder: Path) -> Iterator[MakePod]:
    """A function that creates pods, which are killed at the end."""
    with ExitStack() as stack:

        def make(trees: str | list[Tree], given: Given | None = None, **options: Any) -> Pod:
            if isinstance(trees, str):
                trees = list(yaml.safe_load_all((FIXTURES / trees).read_text(encoding="utf-8")))
            pod = Pod.create(trees, folder / "pod", images, given, **options)
            return stack.enter_context(pod)

        yield make
