"""The manifests that install an operator, as its module ships them, for a program that runs beside the cluster.

What would run as a pod is left out. The Services lead to a port of the loopback device: the API server calls webhooks
and aggregated APIs through them, with the names and certificates that they have in a real cluster.
"""

from __future__ import annotations

import base64
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from tests.conftest import find_program
from tests.e2e.cluster import APPLY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.kube import Kube, Tree
    from tests.e2e.rig import Rig

_LEFT_OUT: Final = ("Deployment",)


@dataclass(frozen=True, slots=True)
class Install:
    """The folder `config` of a module, and the local port of each Service; objects of other Services are left out."""

    config: Path
    ports: dict[str, int]

    def apply(self, rig: Rig) -> list[Tree]:
        """Apply the objects, and return them."""
        trees = self.objects()
        for some in ([tree for tree in trees if tree["kind"] == "Namespace"], trees):
            rig.run(*APPLY, "-f", "-", stdin=yaml.safe_dump_all(some))
        return trees

    def objects(self) -> list[Tree]:
        """Return the objects."""
        kustomize = find_program("kustomize")
        assert kustomize is not None, "`make setup` installs kustomize"
        command = [str(kustomize), "build", str(self.config / "default")]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        trees = [tree for tree in yaml.safe_load_all(text) if tree["kind"] not in _LEFT_OUT]
        return [self._led(tree) for tree in trees if all(name in self.ports for name in _services(tree))]

    def _led(self, tree: Tree) -> Tree:
        """Return an object whose Services lead to this machine."""
        if tree["kind"] == "Service":
            port = self.ports[tree["metadata"]["name"]]
            return {**tree, "spec": {"type": "ExternalName", "externalName": "localhost", "ports": [{"port": port}]}}
        for reference in _references(tree):
            reference["port"] = self.ports[reference["name"]]
        return tree


def _services(tree: Tree) -> Iterator[str]:
    """Yield the names of the Services that an object is or names."""
    if tree["kind"] == "Service":
        yield tree["metadata"]["name"]
    for reference in _references(tree):
        yield reference["name"]


def _references(tree: Tree) -> Iterator[dict[str, Any]]:
    """Yield the references of an object to Services that the API server calls."""
    match tree:
        case {"kind": "APIService", "spec": {"service": found}}:
            yield found
        case {"kind": "CustomResourceDefinition", "spec": {"conversion": {"webhook": {"clientConfig": config}}}}:
            yield config["service"]
        case {"webhooks": webhooks}:
            for webhook in webhooks:
                yield webhook["clientConfig"]["service"]
        case _:
            pass


def mount_certificate(kube: Kube, namespace: str, name: str, folder: Path) -> bool:
    """Write the certificate that an operator has put into its Secret to files, as a kubelet does for its pod.

    Return whether there is one.
    """
    data = (kube.get("v1", "secrets", namespace, name) or {}).get("data") or {}
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in data.items():
        (folder / file).write_bytes(base64.b64decode(text))
    return "tls.crt" in data
