"""Fixtures for the operators. The tests are collected only if they are built: `make operators`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.e2e.operators.keda import keda
from tests.e2e.operators.kueue import kueue
from tests.e2e.operators.lws import lws
from tests.e2e.rig import VARIABLE, Rig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.processes import Processes

collect_ignore_glob = [] if VARIABLE in os.environ and Rig.read().operators else ["test_*"]


@pytest.fixture(scope="package")
def scaler(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """KEDA, which the tests share."""
    with keda(rig, tmp_path_factory.mktemp("keda")) as found:
        yield found


@pytest.fixture(scope="package")
def groups(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """The controller of LeaderWorkerSet, which the tests share."""
    with lws(rig, tmp_path_factory.mktemp("lws")) as found:
        yield found


@pytest.fixture(scope="package")
def queues(rig: Rig, groups: Processes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """Kueue, beside the controller of LeaderWorkerSet."""
    assert groups.running
    with kueue(rig, tmp_path_factory.mktemp("kueue")) as found:
        yield found
