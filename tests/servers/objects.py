"""The objects of a `kustomize build` that a kubelet reads to run a pod, and what a test gives in place of a cluster."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Tree = dict[str, Any]
ADDRESS: Final = "127.0.0.1"
"""The address of each pod in its own network namespace."""


class PodError(Exception):
    """An error for which a kubelet does not start a container, such as a ConfigMap that does not exist."""


@dataclass(frozen=True, slots=True)
class Given:
    """What is not in the objects: folders for claims and image volumes, by name, and Secrets as text."""

    claims: Mapping[str, Path] = field(default_factory=dict)
    images: Mapping[str, Path] = field(default_factory=dict)
    """The folder of each image volume, by the image's reference."""
    secrets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Objects:
    """One Deployment's pod, and the objects that it names."""

    pod: Tree
    """The pod template of the Deployment, with a name and a namespace in its metadata."""
    config_maps: dict[str, Tree]
    secrets: dict[str, dict[str, bytes]]
    services: tuple[Tree, ...]
    given: Given

    @classmethod
    def of(cls, trees: Iterable[Tree | None], given: Given, deployment: str | None = None) -> Objects:
        """Return the pod of the only Deployment, or of the named one. Raises PodError without such a Deployment."""
        kinds: dict[str, list[Tree]] = {}
        for tree in trees:
            if tree is not None:
                kinds.setdefault(tree["kind"], []).append(tree)
        found = [one for one in kinds.get("Deployment", ()) if deployment in (None, one["metadata"]["name"])]
        if len(found) != 1:
            raise PodError(f"{len(found)} Deployments fit, expected one")
        secrets = {one["metadata"]["name"]: _secret(one) for one in kinds.get("Secret", ())}
        texts = {name: {key: text.encode() for key, text in data.items()} for name, data in given.secrets.items()}
        return cls(
            pod=_pod(found[0]),
            config_maps={one["metadata"]["name"]: one for one in kinds.get("ConfigMap", ())},
            secrets=secrets | texts,
            services=tuple(kinds.get("Service", ())),
            given=given,
        )

    @property
    def spec(self) -> Tree:
        """The specification of the pod."""
        spec: Tree = self.pod["spec"]
        return spec

    def config_map(self, name: str, *, optional: bool = False) -> dict[str, bytes]:
        """Return the content of a ConfigMap. Raises PodError if it does not exist and is not optional."""
        tree = self.config_maps.get(name)
        if tree is None:
            return _absent(f"configmap {name!r} not found", optional=optional)
        binary = {key: base64.b64decode(text) for key, text in (tree.get("binaryData") or {}).items()}
        return {key: text.encode() for key, text in (tree.get("data") or {}).items()} | binary

    def secret(self, name: str, *, optional: bool = False) -> dict[str, bytes]:
        """Return the content of a Secret. Raises PodError if it does not exist and is not optional."""
        found = self.secrets.get(name)
        return _absent(f"secret {name!r} not found", optional=optional) if found is None else found


def _pod(deployment: Tree) -> Tree:
    template, metadata = deployment["spec"]["template"], deployment["metadata"]
    names = {"name": f"{metadata['name']}-0", "namespace": metadata.get("namespace", "default")}
    return {**template, "metadata": {**template.get("metadata", {}), **names}}


def _secret(tree: Tree) -> dict[str, bytes]:
    data = {key: base64.b64decode(text) for key, text in (tree.get("data") or {}).items()}
    return data | {key: text.encode() for key, text in (tree.get("stringData") or {}).items()}


def _absent(why: str, *, optional: bool) -> dict[str, bytes]:
    if not optional:
        raise PodError(why)
    return {}
