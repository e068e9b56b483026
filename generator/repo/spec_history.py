"""Who changed which spec file when, and what that did: the newest commits of a revision that change services/."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.repo.commit_message import as_dict, changes, read_data
from generator.repo.git.objects import object_name, read_blobs
from generator.spec.files import ROOT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from generator.core.programs.git import Git
    from generator.core.yaml import Document
    from generator.repo.commit_message import ReadData

# How many commits are read, and how many of them each file gets: reading one takes as long as reading a spec.
COMMITS: Final = 2000
ENTRIES: Final = 20
_MARK: Final = "\x01"
_FIELDS: Final = ("%H", "%ct", "%an")


class SpecCommit(Struct, frozen=True):
    """A commit that changed a spec file: when it was made, by whom, and what it did, such as `deploy m-1 to prod`."""

    commit: str
    time: datetime
    author: str
    what: tuple[str, ...]


class FileEdit(Struct, frozen=True):
    """One file in one commit: the ids of its contents before and after, empty where the file is not."""

    commit: str
    time: int
    author: str
    file: str
    before: str
    after: str


def find_edits(git: Git, revision: str) -> tuple[FileEdit, ...]:
    """Return the edits of files below services/, newest first. Merges are left out: they bring what others did.

    Raises ToolError if git fails.
    """
    return tuple(_edits(_log(git, revision)))


def read_spec_history(
    git: Git, edits: Iterable[FileEdit], specs: Mapping[str, bytes], documents: Iterable[Document]
) -> dict[str, tuple[SpecCommit, ...]]:
    """Return the commits of the files of `documents`, newest first, from the edits of `find_edits`.

    The documents were read from `specs` (path -> content): a file that is the same in a commit is not read again.
    Raises ToolError if git fails.
    """
    read = {document.file: document for document in documents}
    newest = _newest(edits, read.keys())
    contents = _contents(git, newest, (specs[file] for file in read))
    return {file: _commits(found, contents, _reader(specs[file], read[file])) for file, found in newest.items()}


def _log(git: Git, revision: str) -> str:
    form = f"--format={_MARK}{'%x00'.join(_FIELDS)}"
    options = (f"--max-count={COMMITS}", "--no-merges", "--raw", "--no-abbrev", "--no-renames", "--relative", form)
    log = ("-c", "core.quotePath=false", "log", "--no-show-signature", *options)
    return git.run(*log, "--end-of-options", revision, "--", ROOT).text


def _edits(log: str) -> Iterable[FileEdit]:
    """Yield what each line of the log says: `:mode mode before after status\\tpath` (git-diff-tree(1))."""
    commit, time, author = "", "0", ""
    for line in log.splitlines():
        if line.startswith(_MARK):
            commit, time, author = line.removeprefix(_MARK).split("\0", 2)
        elif line.startswith(":"):
            facts, _, file = line.partition("\t")
            before, after = (name if name.strip("0") else "" for name in facts.split()[2:4])
            yield FileEdit(commit, int(time), author, file, before, after)


def _newest(edits: Iterable[FileEdit], files: Collection[str]) -> dict[str, list[FileEdit]]:
    """Return the first edits of each of these files."""
    out: dict[str, list[FileEdit]] = {}
    for edit in edits:
        if edit.file in files and len(found := out.setdefault(edit.file, [])) < ENTRIES:
            found.append(edit)
    return out


def _contents(git: Git, edits: Mapping[str, list[FileEdit]], likely: Iterable[bytes]) -> dict[str, bytes]:
    """Return the contents before and after the edits by their ids; those that are likely are not read from Git."""
    names = {name for found in edits.values() for edit in found for name in (edit.before, edit.after) if name}
    digits = len(next(iter(names), ""))
    found = {object_name(content, digits): content for content in likely} if names else {}
    return found | read_blobs(git, names - found.keys())


def _reader(known: bytes, document: Document) -> ReadData:
    """Return what reads each content of a file once: the one after a commit is the one before the next.

    `document` was read from the content `known`.
    """

    @cache
    def read(file: str, content: bytes) -> dict[str, Any]:
        return as_dict(document.data) if content == known else read_data(file, content)

    return read


def _commits(edits: Iterable[FileEdit], contents: Mapping[str, bytes], read: ReadData) -> tuple[SpecCommit, ...]:
    return tuple(_commit(edit, contents, read) for edit in edits)


def _commit(edit: FileEdit, contents: Mapping[str, bytes], read: ReadData) -> SpecCommit:
    before, after = ({edit.file: contents[name]} if name else {} for name in (edit.before, edit.after))
    what = tuple(str(change) for change in changes(before, after, read))
    return SpecCommit(edit.commit, datetime.fromtimestamp(edit.time, UTC), edit.author, what)
