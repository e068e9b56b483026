"""`python -m release.docs`: build the documentation site from README.md, docs/ and what they link to.

The pages keep their places in the repository, so that a link leads to the same file on a forge and on the site. Files
that a page links to, such as a spec or a schema, are part of the site. It is built, read and searched offline, by
`zensical` of requirements/docs.txt.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parent.parent
_CONFIG: Final = _ROOT / "docs" / "zensical.toml"
_FENCE: Final = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_LINK: Final = re.compile(r"\]\(([^)#\s]+)")
_TO_FIRST: Final = re.compile(r"(\]\((?:\.\./)+)README\.md")
_SCHEME: Final = re.compile(r"[a-z]+:")
_PAGES: Final = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")


def main() -> int:
    """Build the site, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m release.docs", description=__doc__)
    parser.add_argument("--into", type=Path, default=_ROOT / ".docs", help="default: %(default)s")
    return build(parser.parse_args().into.absolute())


def build(into: Path) -> int:
    """Build the site in a folder, which is replaced, and return the exit status of zensical."""
    shutil.rmtree(into, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        stage(source / "pages")
        shutil.copy(_CONFIG, source / "zensical.toml")
        command = [sys.executable, "-m", "zensical", "build", "--strict", "--config-file", "zensical.toml"]
        status = subprocess.run(command, cwd=source, check=False).returncode
        if status == 0:
            shutil.move(source / "site", into)
    return status


def stage(into: Path) -> None:
    """Copy all pages and the files that they link to. The first page is `index.md`."""
    for path in files():
        target = into / path.relative_to(_ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    (into / "README.md").rename(into / "index.md")
    for page in into.rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        page.write_text(_TO_FIRST.sub(r"\1index.md", text), encoding="utf-8")


def files() -> set[Path]:
    """Return the pages and the files that they link to."""
    found: set[Path] = set()
    open_ = [*(_ROOT / name for name in _PAGES), *(_ROOT / "docs").rglob("*.md")]
    while open_:
        path = open_.pop()
        if path not in found:
            found.add(path)
            open_ += _linked(path) if path.suffix == ".md" else []
    return found


def _linked(page: Path) -> list[Path]:
    """Return the files that a page links to; of a folder its README.md."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    targets = [(page.parent / link).resolve() for link in _LINK.findall(text) if not _SCHEME.match(link)]
    return [target / "README.md" if target.is_dir() else target for target in targets]


if __name__ == "__main__":
    raise SystemExit(main())
