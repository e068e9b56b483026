"""`kustomize build`, and its output as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.core.errors import ToolError
from generator.core.programs.process import try_run
from generator.core.yaml.object_reader import read

if TYPE_CHECKING:
    from pathlib import Path


class KustomizeError(ToolError):
    """`kustomize build` failed; the message is what it printed."""


def build(folder: Path, kustomize: Path, *, timeout: float | None = None) -> list[dict[str, Any]]:
    """Return the objects that `kustomize build folder` prints, in the order in which it prints them.

    `timeout` is in seconds. Raises KustomizeError if the build fails or prints no objects, ToolError if kustomize
    cannot be started or takes too long.
    """
    done = try_run([str(kustomize), "build", str(folder)], timeout=timeout)
    if done.returncode:
        raise KustomizeError(done.stderr.strip() or f"kustomize ended with code {done.returncode}")
    try:
        return read(done.out.decode())
    except ValueError as error:
        raise KustomizeError(f"kustomize printed no objects: {error}") from None


def exact(node: Any) -> object:
    """Return data in a comparable form: 1, 1.0 and true differ, the order of keys, which kustomize sorts, does not."""
    if isinstance(node, dict):
        return {key: exact(value) for key, value in node.items()}
    if isinstance(node, list):
        return [exact(item) for item in node]
    return type(node).__name__, node
