"""The real `kustomize build`, a reader for its output, and folders to build.

kustomize writes YAML with Go's printer: keys sorted, plain `=` and `<<` (on which PyYAML's own constructors stop), and
no text left plain that YAML 1.1 or 1.2 could take for something else. So a plain scalar is a boolean, a null or a
number only when it looks exactly like one that Go prints; everything else is text.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import yaml

from generator.yamlio import dump

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_KIND: Final = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
_WORDS: Final[dict[str, object]] = {"true": True, "false": False, "null": None, "": None}
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_FLOAT: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:e[+-][0-9]+)?\Z")


class KustomizeError(Exception):
    """`kustomize build` ended with an error; the message is what it printed."""


def build(folder: Path, kustomize: Path) -> list[dict[str, Any]]:
    """The objects that `kustomize build folder` prints, in the order in which it prints them. Raises KustomizeError."""
    done = subprocess.run([kustomize, "build", folder], capture_output=True, check=False)
    if done.returncode:
        raise KustomizeError(done.stderr.decode())
    return read(done.stdout.decode())


def read(text: str) -> list[dict[str, Any]]:
    """The documents of a text that kustomize printed."""
    return [_data(node) for node in yaml.compose_all(text, Loader=_Loader)]


def _data(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {_scalar(key): _data(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_data(item) for item in node.value]
    return _scalar(node)


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    if isinstance(node, yaml.ScalarNode) and node.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text


def write(folder: Path, files: Mapping[str, object]) -> None:
    """Files in a folder, by relative path: texts as they are, lists as several documents, mappings as one.

    A mapping in a file called kustomization.yaml gets its own kind.
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
    """Each object as `kustomize build` gives it with its patch applied, all in one run. Raises KustomizeError."""
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


def exact(node: Any) -> object:
    """A form in which 1, 1.0 and true differ and the order of keys, which kustomize sorts, plays no part."""
    if isinstance(node, dict):
        return {key: exact(value) for key, value in node.items()}
    if isinstance(node, list):
        return [exact(item) for item in node]
    return type(node).__name__, node
