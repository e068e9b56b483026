"""`kustomize build`, and what it prints as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.core.errors import ToolError
from generator.core.programs.process import try_run
from generator.core.yaml.printed import read

if TYPE_CHECKING:
    from pathlib import Path


class KustomizeError(ToolError):
    """`kustomize build` ended with an error; the message is what it printed."""


def build(folder: Path, kustomize: Path) -> list[dict[str, Any]]:
    """The objects that `kustomize build folder` prints, in the order in which it prints them.

    Raises KustomizeError when the build fails, ToolError when kustomize cannot be started.
    """
    done = try_run([str(kustomize), "build", str(folder)], timeout=None)
    if done.returncode:
        raise KustomizeError(done.stderr.strip())
    return read(done.out.decode())


def exact(node: Any) -> object:
    """A form in which 1, 1.0 and true differ and the order of keys, which kustomize sorts, plays no part."""
    if isinstance(node, dict):
        return {key: exact(value) for key, value in node.items()}
    if isinstance(node, list):
        return [exact(item) for item in node]
    return type(node).__name__, node
