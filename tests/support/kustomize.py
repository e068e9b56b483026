"""Write folders for the real `kustomize build`, and run it on patches."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from generator.core.programs.kustomize import build
from generator.core.yaml import dump

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KIND: Final = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}


def write(folder: Path, files: Mapping[str, object]) -> None:
    """Write files into a folder, by relative path: strings unchanged, lists as several documents, mappings as one.

    A mapping for a file called kustomization.yaml gets the apiVersion and kind of a Kustomization.
    """
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_bytes(content.encode())
        elif isinstance(content, list):
            path.write_text("---\n".join(map(dump, content)), encoding="utf-8")
        else:
            head = _KIND if path.name == "kustomization.yaml" else {}
            path.write_text(dump({**head, **cast("dict[str, Any]", content)}), encoding="utf-8")


def patched(pairs: Sequence[tuple[dict[str, Any], dict[str, Any]]], kustomize: Path) -> list[dict[str, Any]]:
    """Apply each patch to its object with one `kustomize build`, and return the objects. Raises KustomizeError."""
    numbered = [(_renamed(tree, f"{n:06}"), _renamed(patch, f"{n:06}")) for n, (tree, patch) in enumerate(pairs)]
    files = {
        "resources.yaml": [tree for tree, _ in numbered],
        "kustomization.yaml": {
            "resources": ["resources.yaml"],
            "patches": [{"patch": dump(patch)} for _, patch in numbered],
        },
    }
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), files)
        found = {tree["metadata"]["name"]: tree for tree in build(Path(folder), kustomize)}
    names = [tree["metadata"]["name"] for tree, _ in pairs]
    return [_renamed(found[f"{number:06}"], name) for number, name in enumerate(names)]


def _renamed(tree: dict[str, Any], name: str) -> dict[str, Any]:
    return {**tree, "metadata": {**tree["metadata"], "name": name}}
