"""Programs that we call: finding them, running them, and installing those that Go can build."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# What `python -m generator.tools install` builds, at the versions that our tests know.
_PACKAGES: Final = {
    "kubeconform": "github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0",
    "kustomize": "sigs.k8s.io/kustomize/kustomize/v5@v5.8.1",
}
_LOCAL: Final = Path(".tools") / "bin"


def find(name: str, *, near: Path | None = None) -> Path | None:
    """A program on PATH, or in `.tools/bin` of `near` (the current folder by default)."""
    found = shutil.which(name) or shutil.which(name, path=str((near or Path.cwd()) / _LOCAL))
    return Path(found) if found else None


def run(
    command: Sequence[str],
    *,
    timeout: float,
    accepted: Sequence[int] = (0,),
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program without a shell. Raises ToolError with command, code and output when it fails or takes too long."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            env={**os.environ, **environment} if environment else None,
        )
    except FileNotFoundError:
        raise ToolError(f"{command[0]} is not there") from None
    except subprocess.TimeoutExpired:
        raise ToolError(f"{' '.join(command)} took longer than {timeout:.0f} s") from None
    if done.returncode not in accepted:
        said = (done.stderr or done.stdout).strip()
        raise ToolError(f"{' '.join(command)} failed with code {done.returncode}:\n{said}")
    return done


def install(into: Path) -> list[str]:
    """Build what is missing into a folder, where Go is there. What happened, one line per program."""
    lines = []
    for name, package in _PACKAGES.items():
        present = find(name)
        if present is not None:
            lines.append(f"{name}: found {present}")
        elif shutil.which("go") is None:
            lines.append(f"{name}: missing, and Go is not there to build it; tests that need it are skipped")
        else:
            into.mkdir(parents=True, exist_ok=True)
            run(["go", "install", package], timeout=900, environment={"GOBIN": str(into.resolve())})
            lines.append(f"{name}: built {package}")
    return lines


def main(arguments: Sequence[str]) -> int:
    """`python -m generator.tools install --into FOLDER`"""
    match list(arguments):
        case ["install", "--into", folder]:
            sys.stdout.write("\n".join(install(Path(folder))) + "\n")
            return 0
        case _:
            sys.stderr.write("usage: python -m generator.tools install --into FOLDER\n")
            return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
