"""Fixtures for the rig that the tests of a module share."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.mesh.gateway import Programs
from tests.e2e.mesh.mesh import OF_ISTIO, Mesh
from tests.e2e.mesh.rig import Rig

_HERE: Final = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder as `istio`, since they start Istio's programs."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.istio)


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    """How the control plane of a module's rig receives routes."""
    return OF_ISTIO


@pytest.fixture(scope="module")
def running_rig(gateway_programs: Programs, mesh: Mesh, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """One rig for all tests of a module."""
    with Rig(gateway_programs, tmp_path_factory.mktemp("rig"), mesh) as rig:
        yield rig


@pytest.fixture
def rig(running_rig: Rig) -> Rig:
    """The rig, with pods that have not recorded a request yet and answer 200."""
    running_rig.reset()
    return running_rig


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the logs of the programs to the report of a failed test."""
    report = yield
    running = getattr(item, "funcargs", {}).get("running_rig")
    if report.failed and isinstance(running, Rig):
        report.sections += running.logs().items()
    return report
