"""Helpers for tests in a repository with one service: run git, read the rendered files."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

SPEC: Final = "services/vision/resnet50/resnet50-1.yaml"
TEXT: Final = (
    "model: resnet50\nversion: v1\ntype: triton-server\nconfig:\n  a.txt: hello\n"
    "environments:\n  test:\n  prod:\ncommand: run\n"
)
RESOURCES: Final = "rendered/vision/resnet50/base/resnet50-1/resources.yaml"


def git(root: Path, *arguments: str) -> None:
    """Run the real git, which must succeed, with a test author."""
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


def files(root: Path) -> dict[str, bytes]:
    """Every file below rendered/, by its path in the repository."""
    folder = root / "rendered"
    return {str(path.relative_to(root)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
