"""Who changed which spec file when, and what that did: the newest commits of a revision that change services/."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from generator.repo.commit_message import changes
from generator.repo.git.objects import read_blobs
from generator.spec.files import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.core.programs.git import Git

# How many commits are read, and how many of them each file gets: reading one takes as long as reading a spec.
COMMITS: Final = 2000
ENTRIES: Final = 20
_MARK: Final = "\x01"
_FIELDS: Final = ("%H", "%ct", "%an")


@dataclass(frozen=True, slots=True)
class SpecCommit:
    """A commit that changed a spec file: when it was made, by whom, and what it did, such as `deploy m-1 to prod`."""

    commit: str
    time: datetime
    author: str
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _FileEdit:
    """One file in one commit: the ids of its contents before and after, empty where the file is not."""

    commit: str
    time: int
    author: str
    file: str
    before: str
    after: str


def read_spec_history(git: Git, revision: str) -> dict[str, tuple[SpecCommit, ...]]:
    """Return the commits of each file below services/, newest first. Merges are left out: they bring what others did.

    Raises ToolError if git fails.
    """
    edits = _newest(_edits(_log(git, revision)))
    contents = read_blobs(git, {name for edit in edits for name in (edit.before, edit.after) if name})
    out: dict[str, list[SpecCommit]] = {}
    for edit in edits:
        out.setdefault(edit.file, []).append(_commit(edit, contents))
    return {file: tuple(found) for file, found in out.items()}


def _log(git: Git, revision: str) -> str:
    form = f"--format={_MARK}{'%x00'.join(_FIELDS)}"
    options = (f"--max-count={COMMITS}", "--no-merges", "--raw", "--no-abbrev", "--no-renames", "--relative", form)
    log = ("-c", "core.quotePath=false", "log", "--no-show-signature", *options)
    return git.run(*log, "--end-of-options", revision, "--", ROOT).text


def _edits(log: str) -> Iterable[_FileEdit]:
    """Yield what each line of the log says: `:mode mode before after status\\tpath` (git-diff-tree(1))."""
    commit, time, author = "", "0", ""
    for line in log.splitlines():
        if line.startswith(_MARK):
            commit, time, author = line.removeprefix(_MARK).split("\0", 2)
        elif line.startswith(":"):
            facts, _, file = line.partition("\t")
            before, after = (name if name.strip("0") else "" for name in facts.split()[2:4])
            yield _FileEdit(commit, int(time), author, file, before, after)


def _newest(edits: Iterable[_FileEdit]) -> list[_FileEdit]:
    counts: dict[str, int] = {}
    out = []
    for edit in edits:
        counts[edit.file] = counts.get(edit.file, 0) + 1
        if counts[edit.file] <= ENTRIES:
            out.append(edit)
    return out


def _commit(edit: _FileEdit, contents: Mapping[str, bytes]) -> SpecCommit:
    before, after = ({edit.file: contents[name]} if name else {} for name in (edit.before, edit.after))
    what = tuple(str(change) for change in changes(before, after))
    return SpecCommit(edit.commit, datetime.fromtimestamp(edit.time, UTC), edit.author, what)
