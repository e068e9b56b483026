"""The real `kustomize build`, and a reader for its output.

kustomize writes YAML with Go's printer: keys sorted, plain `=` and `<<` (on which PyYAML's own constructors stop), and
no text left plain that YAML 1.1 or 1.2 could take for something else. So a plain scalar is a boolean, a null or a
number only when it looks exactly like one that Go prints; everything else is text.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from pathlib import Path

_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
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


def _scalar(node: yaml.Node) -> object:
    text = str(node.value)
    if node.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text
