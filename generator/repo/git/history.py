"""What a spec file said in earlier commits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.core.programs.git import Git
from generator.core.yaml import read
from generator.repo.git import objects as gitobjects

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Commits that change the one file: a service is edited a few dozen times at most.
_COMMITS: Final = 200


def earlier(root: Path, file: str) -> Iterator[bytes]:
    """The contents that Git's history has of a file below `root`, the newest first; its last 200 changes.

    None where there is no repository, no commit, or none with the file. Raises ToolError when git fails.
    """
    git = Git(root)
    if not git.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}"):
        return
    # A line of --raw is `:mode mode old new status\tpath`, gitformat in git-diff-tree(1); a missing side is all zeros.
    log = git.run("log", f"--max-count={_COMMITS}", "--format=", "--raw", "--no-abbrev", "--no-renames", "--", file)
    found = [name for line in log.text.splitlines() for name in reversed(line.split()[2:4])]
    names = dict.fromkeys(name for name in found if name.strip("0"))
    held = gitobjects.read_blobs(git, names)
    yield from (held[name] for name in names)


def earlier_stanzas(root: Path, file: str) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """The same contents, each with what it said of its environments; without those that cannot be read."""
    for text in earlier(root, file):
        document, _ = read(text, file)
        data = document.data if document is not None else None
        stanzas = data.get("environments") if isinstance(data, dict) else None
        if isinstance(stanzas, dict):
            yield text, stanzas
