"""`python -m release`: build a release of the checked-out commit into dist/.

The same commit gives the same bytes, so that anybody can build a release again and compare it.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
from pathlib import Path
from typing import Final

from generator import __version__
from generator.core.errors import ServegenError, ToolError
from generator.core.programs import run
from release.pins import read_pins
from release.sbom import Commit, make_sbom

_ROOT: Final = Path(__file__).parent.parent
_NAME: Final = f"servegen-{__version__}"


def main() -> int:
    """Write the files and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m release", description=__doc__)
    parser.add_argument("--sbom", action="store_true", help="write only the bill of materials")
    parser.add_argument("--into", type=Path, default=_ROOT / "dist", help="default: %(default)s")
    arguments = parser.parse_args()
    try:
        _write(arguments.into.absolute(), only_sbom=arguments.sbom)
    except ServegenError as error:
        sys.stderr.write(f"{error}\n{error.hint}\n")
        return error.exit_code
    return 0


def _write(into: Path, *, only_sbom: bool) -> None:
    """Write all files into an empty folder, the list of their hashes last."""
    commit, runtime = _commit(), (_ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    if not only_sbom:
        shutil.rmtree(into, ignore_errors=True)
        build(into, commit)
        wheel = into / f"{_NAME}-py3-none-any.whl"
        _put(into / f"{_NAME}-requirements.txt", requirements(_digest(wheel), runtime))
    into.mkdir(exist_ok=True)
    _put(into / f"{_NAME}.cdx.json", make_sbom(read_pins(runtime), commit))
    if not only_sbom:
        files = sorted(into.iterdir())
        _put(into / "SHA256SUMS", "".join(f"{_digest(file)}  {file.name}\n" for file in files))


def build(into: Path, commit: Commit, source: Path = _ROOT) -> None:
    """Build sdist and wheel; all times in them are that of the commit. Raises ToolError."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(into), str(source)]
    run(command, timeout=None, environment={"SOURCE_DATE_EPOCH": str(commit.seconds)})


def requirements(digest: str, runtime: str) -> str:
    """Return what `pip install --require-hashes` needs: this version's wheel, and the packages of `runtime`."""
    pinned = "".join(line for line in runtime.splitlines(keepends=True) if not line.startswith("#"))
    return f"--only-binary :all:\nservegen=={__version__} \\\n    --hash=sha256:{digest}\n{pinned}"


def _commit() -> Commit:
    """Return the commit that is checked out. Raises ToolError if a file differs from it."""
    git = ["git", "-C", str(_ROOT)]
    changed = run([*git, "status", "--porcelain"], timeout=None).stdout.splitlines()
    if changed:
        raise ToolError(f"{changed[0][3:]} is not committed", hint="a release is built from a commit: commit or stash")
    identity, seconds = run([*git, "log", "-1", "--format=%H %ct"], timeout=None).stdout.split()
    return Commit(identity, int(seconds))


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _put(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{file}\n")


if __name__ == "__main__":
    raise SystemExit(main())
