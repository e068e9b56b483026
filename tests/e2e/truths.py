"""The manifests that servegen expects in a cluster, each with its origin."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from generator.core.finding import Severity
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan
from generator.pipeline.validators import embedded_validator
from generator.repo.repository import schemas_of
from tests.conftest import ROOT
from tests.e2e.kube import Kube, Tree
from tests.e2e.rig import VARIABLE, Rig
from tests.e2e.waiting import until

_LIBRARY: Final = TemplateLoader((templates_root(),))
# Namespaces of the cluster's own components, which other tests may use at the same time.
_SHARED: Final = ("argocd", "flux-system", "istio-system")


@dataclass(frozen=True, slots=True)
class Made:
    """An object and its origin: the environment and template, or the folder, that it was made from."""

    origin: str
    tree: Tree

    def __str__(self) -> str:
        metadata = self.tree["metadata"]
        return f"{self.origin}: {self.tree['kind']} {metadata.get('namespace', '-')}/{metadata['name']}"


def made(specs: Mapping[str, bytes]) -> list[Made]:
    """Return every object of every environment of a repository, including platform and delivery.

    Raises AssertionError if the repository has errors.
    """
    planned = plan(specs, _LIBRARY, validate=embedded_validator(schemas_of(ROOT)))
    errors = [finding for finding in planned.findings if finding.severity is Severity.ERROR]
    assert errors == []
    entries = expected_manifests(planned.fleet, planned.routing, _LIBRARY)
    return [Made(f"{entry.environment} {entry.template}", entry.tree) for entry in entries]


@contextmanager
def namespaces(rig: Rig, kube: Kube, trees: Iterable[Tree]) -> Iterator[None]:
    """Create the namespaces of objects, and delete them after the block.

    A namespace that is among the objects is created as it is there, any other without settings. Namespaces of the
    cluster's own components are not deleted. Tests whose objects have a namespace in common run one after the other.
    """
    trees = list(trees)
    own = {tree["metadata"]["name"]: tree for tree in trees if tree["kind"] == "Namespace"}
    used = {tree["metadata"].get("namespace") for tree in trees} - {None, "default"}
    plain = {name: {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in used}
    with _alone({*plain, *own} - {*_SHARED}):
        until("namespaces of an earlier run to go", lambda: not any(_leaving(kube, name) for name in plain | own))
        rig.apply([*(plain | own).values()])
        try:
            yield
        finally:
            for name in {*plain, *own} - {*_SHARED}:
                kube.delete("v1", "namespaces", None, name)


@contextmanager
def _alone(names: set[str]) -> Iterator[None]:
    """Hold a lock on each namespace, in one order, so that no test waits for one that waits for it."""
    with ExitStack() as locks:
        for name in sorted(names):
            lock = locks.enter_context(Path(f"{os.environ[VARIABLE]}.{name}.lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _leaving(kube: Kube, name: str) -> bool:
    tree = kube.get("v1", "namespaces", None, name)
    return tree is not None and "deletionTimestamp" in tree["metadata"]
