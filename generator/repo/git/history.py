"""The content of a spec file in earlier commits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from generator.core.programs.git import Git
from generator.core.yaml import read
from generator.repo.git import objects as gitobjects
from generator.repo.git.checkout import has_repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The limit on commits that change the file; a service is edited a few dozen times at most.
_COMMITS: Final = 200


def earlier_contents(root: Path, file: str, revision: str = "HEAD") -> Iterator[bytes]:
    """Yield the contents of a file below `root` in the history of a revision, newest first, from its last 200 changes.

    Yield nothing if there is no repository, no commit, or no commit with the file. Raises ToolError if git fails, or
    refuses to read a repository of another user.
    """
    git = Git(root)
    if not has_repository(git) or not git.ask("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"):
        return
    # A line of --raw is `:mode mode old new status\tpath` (git-diff-tree(1)); the id of a missing side is all zeros.
    options = (f"--max-count={_COMMITS}", "--format=", "--raw", "--no-abbrev", "--no-renames")
    log = git.run("log", *options, revision, "--", file)
    found = [name for line in log.text.splitlines() for name in reversed(line.split()[2:4])]
    names = dict.fromkeys(name for name in found if name.strip("0"))
    held = gitobjects.read_blobs(git, names)
    yield from (held[name] for name in names)


def dated_contents(root: Path, file: str) -> Iterator[tuple[datetime, bytes | None]]:
    """Yield the contents that commits gave a file, newest first, from its last 200 changes; None if one deleted it.

    The time is that of the commit by which the branch got the content: of a merge, and not of what was merged. Raises
    ToolError if git fails.
    """
    git = Git(root)
    options = (f"--max-count={_COMMITS}", "--format=%ct", "--raw", "--no-abbrev", "--no-renames")
    log = git.run("log", "--first-parent", "-m", *options, "HEAD", "--", file).text
    found, moment = [], 0
    for line in filter(None, log.splitlines()):
        if line.startswith(":"):
            found.append((moment, line.split()[3]))
        else:
            moment = int(line)
    held = gitobjects.read_blobs(git, {name for _, name in found if name.strip("0")})
    yield from ((datetime.fromtimestamp(at, UTC), held.get(name)) for at, name in found)


def earlier_stanzas(root: Path, file: str, revision: str = "HEAD") -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Yield the same contents, each with its `environments`; contents that cannot be read are left out."""
    for text in earlier_contents(root, file, revision):
        document, _ = read(text, file)
        data = document.data if document is not None else None
        stanzas = data.get("environments") if isinstance(data, dict) else None
        if isinstance(stanzas, dict):
            yield text, stanzas
