"""Write folders for the real `kustomize build`, and run it on patches."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from generator.core.programs.kustomize import build
from generator.core.yaml import dump

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KIND: Final = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
_FOLDER: Final = "tests/folder"


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


def build_together(folders: Sequence[Path], kustomize: Path) -> list[list[dict[str, Any]]]:
    """Return the objects of each folder by one `kustomize build`; no two of all these may have one name.

    Each folder is built with its own settings, as on its own, and gets a label, which the result lacks. To start
    kustomize and read its schemas takes 0.1 s of processor time.
    """
    built: list[list[dict[str, Any]]] = [[] for _ in folders]
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder).resolve()
        write(whole, {"kustomization.yaml": {"resources": [f"{number:06}" for number in range(len(folders))]}})
        for number, part in enumerate(folders):
            path = os.path.relpath(part.resolve(), whole / f"{number:06}")
            labels = [{"pairs": {_FOLDER: str(number)}}]
            write(whole / f"{number:06}", {"kustomization.yaml": {"resources": [path], "labels": labels}})
        for tree in build(whole, kustomize):
            built[_take_label(tree)].append(tree)
    return built


def _take_label(tree: dict[str, Any]) -> int:
    labels = tree["metadata"]["labels"]
    number = int(labels.pop(_FOLDER))
    if not labels:
        del tree["metadata"]["labels"]
    return number


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
