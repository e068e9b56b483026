"""Read trees, blobs and commits of a repository, and write commits, without its index and work tree."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from generator.core.errors import ToolError
from generator.repo.spec_files import MAX_FILES, MAX_TOTAL_BYTES
from generator.spec.files import ROOT, is_spec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from generator.core.programs.git import Git, GitResult

FILE: Final = "100644"
LINK: Final = "120000"
SUBMODULE: Final = "160000"
SHA256_DIGITS: Final = 64


class TreeEntry(NamedTuple):
    """A file of a tree: its mode in octal digits, and the id of its blob."""

    mode: str
    name: str

    @property
    def regular(self) -> bool:
        """Whether it is a regular file, neither a link nor a submodule."""
        return self.mode.startswith("100")


class CommitDetails(Struct, frozen=True):
    """A commit's metadata: the environment variables that set its author, its message, and the author's time in ISO
    8601, empty for a new commit.
    """

    author: dict[str, str]
    message: str
    date: str = ""


def entries(git: Git, revision: str | None, *folders: str) -> dict[str, TreeEntry]:
    """Return the files below folders in a revision, by their path from git's folder; none without a revision.

    A link or submodule in the place of a folder is one of them. Raises ToolError if a path leads out of the tree: git
    stores such trees, and refuses only to check them out.
    """
    if revision is None:
        return {}
    listed = git.run("ls-tree", "-r", "-z", revision, "--", *folders).text
    return {path: TreeEntry(mode, name) for path, (mode, _, name) in _lines(listed, revision)}


def all_entries(git: Git, revision: str | None) -> dict[str, TreeEntry]:
    """Return all files of a revision, by their path from its top; none without a revision. Raises as `entries`."""
    if revision is None:
        return {}
    listed = git.run("ls-tree", "-r", "-z", "--full-tree", revision).text
    return {path: TreeEntry(mode, name) for path, (mode, _, name) in _lines(listed, revision)}


def _lines(listed: str, revision: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the path and the other fields of each entry that `git ls-tree -z` listed of a revision."""
    for line in listed.split("\0"):
        facts, _, path = line.partition("\t")
        _require_inside(path, revision)
        if path:
            yield path, facts.split()


def _require_inside(path: str, revision: str) -> None:
    if {".", ".."} & set(path.split("/")):
        message = f"{revision} has the path {path}, which leads out of its folder"
        raise ToolError(message, hint="git checks out no such commit; find out who made it")


def staged_entries(git: Git, *folders: str) -> dict[str, TreeEntry]:
    """Return the files below folders in the index, by their path from git's folder; unmerged ones are left out."""
    out = {}
    for line in git.run("ls-files", "--stage", "-z", "--", *folders).text.split("\0"):
        facts, _, path = line.partition("\t")
        if path and facts.endswith(" 0"):
            mode, name, _ = facts.split()
            out[path] = TreeEntry(mode, name)
    return out


def read_blobs(git: Git, names: Iterable[str]) -> dict[str, bytes]:
    """Return the contents of the blobs with these ids. Raises ToolError if the repository lacks one."""
    wanted = sorted(set(names))
    found = {}
    for name, content in _read_batch(git, wanted):
        if content is None:
            raise ToolError(f"the repository has no object {name}", hint="run `git fsck` for details")
        found[name] = content
    return found


def read_paths(git: Git, commit: str, paths: Sequence[str]) -> dict[str, bytes]:
    """Return the files of a commit among these paths from the top of its tree. Raises ToolError if one is unreadable.

    A link is the path that it names.
    """
    names = {f"{commit}:{path}": path for path in paths}
    return {names[name]: content for name, content in _read_batch(git, list(names)) if content is not None}


def read_trees(git: Git, revision: str, folders: Iterable[str]) -> dict[str, bytes]:
    """Return the trees of folders in a revision, as Git stores them, by path from its top; an empty path is the top."""
    names = {f"{revision}:{folder}": folder for folder in folders}
    lines = [name for name in names if "\n" not in name]
    found = {name: tree for name, tree in _read_batch(git, lines, b"tree") if tree is not None}
    for name in names.keys() - set(lines):
        if answer := git.ask("cat-file", "tree", name):
            found[name] = answer.out
    return {names[name]: tree for name, tree in found.items()}


def _read_batch(git: Git, names: Sequence[str], kind: bytes = b"blob") -> Iterator[tuple[str, bytes | None]]:
    """Yield the names of objects with their contents; None for what is missing or of another kind (git-cat-file(1)).

    Raises ToolError if git cannot read one.
    """
    listed = "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
    out, at = _read_objects(git, "cat-file", "--batch", stdin=listed).out if names else b"", 0
    for name in names:
        head, at = out[at : out.index(b"\n", at)].split(), out.index(b"\n", at) + 1
        if head[-1] == b"missing":
            yield name, None
            continue
        end = at + int(head[-1])
        yield name, out[at:end] if head[-2] == kind else None
        at = end + 1


def _read_objects(git: Git, *command: str, stdin: bytes = b"") -> GitResult:
    """Run a command that reads objects. Raises ToolError if a partial clone cannot fetch one."""
    done = git.ask(*command, stdin=stdin)
    if not done:
        hint = "a partial clone fetches objects when they are read, so it needs its remote; a full clone does not"
        raise ToolError(f"git cannot read an object: {done.message}", hint=hint if _is_partial(git) else "")
    return done


def _is_partial(git: Git) -> bool:
    return bool(git.ask("config", "--get-regexp", r"^remote\..*\.promisor$"))


def regular_contents(
    git: Git, files: Mapping[str, TreeEntry], known: dict[str, bytes] | None = None
) -> dict[str, bytes]:
    """Return the contents of the regular files among these, by path.

    `known` are contents by the names of their blobs, which are not read from Git; those that are read are added.
    """
    regular = {path: entry.name for path, entry in files.items() if entry.regular}
    found = {} if known is None else known
    found |= read_blobs(git, (name for name in regular.values() if name not in found))
    return {path: found[name] for path, name in regular.items()}


def specs(
    git: Git, revision: str | None, known: dict[str, bytes] | None = None, likely: Iterable[bytes] = ()
) -> dict[str, bytes]:
    """Return the spec files in a revision or tree, by path: the same files as are read from a work tree.

    The other arguments are those of `spec_contents`. Raises ToolError as `spec_entries` does.
    """
    return spec_contents(git, spec_entries(git, revision), known, likely) if revision is not None else {}


def spec_entries(git: Git, revision: str) -> dict[str, TreeEntry]:
    """Return the entries of the spec files in a revision or tree, by path.

    Raises ToolError if they are beyond the limits on files and bytes.
    """
    listed = _read_objects(git, "ls-tree", "-r", "-z", "--long", revision, "--", ROOT).text
    files = {path: (TreeEntry(mode, name), size) for path, (mode, _, name, size) in _lines(listed, revision)}
    wanted = {path: found for path, found in files.items() if found[0].regular and is_spec(path)}
    # The size of a blob that is missing is no number.
    _require_limits(revision, len(files), sum(int(size) for _, size in wanted.values() if size.isdigit()))
    return {path: entry for path, (entry, _) in wanted.items()}


def require_limits(git: Git, revision: str, files: Mapping[str, TreeEntry], known: Mapping[str, bytes]) -> None:
    """Raise ToolError if these files below services/ are beyond the limits on files and bytes.

    `known` are contents by the names of their blobs.
    """
    names = [entry.name for path, entry in files.items() if entry.regular and is_spec(path)]
    unknown = {name for name in names if name not in known}
    listed = "".join(f"{name}\n" for name in unknown).encode()
    answer = _read_objects(git, "cat-file", "--batch-check", stdin=listed).text if unknown else ""
    # Of a blob that is missing, git prints two words.
    sizes = {line.split()[0]: int(line.split()[2]) for line in answer.splitlines() if line.count(" ") > 1}
    total = sum(len(known[name]) if name in known else sizes.get(name, 0) for name in names)
    _require_limits(revision, len(files), total)


def _require_limits(revision: str, files: int, total: int) -> None:
    if files > MAX_FILES:
        raise ToolError(f"{ROOT}/ of {revision} has more than {MAX_FILES:,} files")
    if total > MAX_TOTAL_BYTES:
        raise ToolError(f"{ROOT}/ of {revision} has more than {MAX_TOTAL_BYTES:,} bytes")


def spec_contents(
    git: Git, entries: Mapping[str, TreeEntry], known: dict[str, bytes] | None = None, likely: Iterable[bytes] = ()
) -> dict[str, bytes]:
    """Return the contents of spec files by path.

    `known` is as for `regular_contents`. `likely` are contents that many of the files have, which are then not read
    from Git.
    """
    found = {} if known is None else known
    found |= _with_names(likely, entries)
    return regular_contents(git, entries, found)


def _with_names(contents: Iterable[bytes], entries: Mapping[str, TreeEntry]) -> dict[str, bytes]:
    """Return contents by their names in the repository that has these entries."""
    digits = len(next(iter(entries.values())).name) if entries else 0
    return {object_name(content, digits): content for content in contents}


def sha1_name(content: bytes) -> str:
    """Return Git's name for a content in a SHA-1 repository."""
    return object_name(content, 0)


def object_name(content: bytes, digits: int, kind: bytes = b"blob") -> str:
    """Return Git's name for an object in a repository whose names have `digits` digits (gitformat-object(5))."""
    algorithm = hashlib.sha256 if digits == SHA256_DIGITS else hashlib.sha1
    return algorithm(b"%s %d\0" % (kind, len(content)) + content, usedforsecurity=False).hexdigest()


def sha1_names(git: Git, names: set[str]) -> set[str]:
    """Return the SHA-1 names of these contents; a SHA-256 repository has other names for the same contents."""
    if any(len(name) == SHA256_DIGITS for name in names):
        return {sha1_name(content) for content in read_blobs(git, names).values()}
    return names


def changed_entries(
    git: Git, before: str, after: str, *folders: str
) -> dict[str, tuple[TreeEntry | None, TreeEntry | None]]:
    """Return the files that differ between two commits, each with its old and new entry, by their path from the top.

    With `folders`, only those below them; these are paths from git's folder. Raises ToolError as `entries` does.
    Source: git-diff-tree(1), raw output.
    """
    words = git.run(
        "diff-tree", "-r", "-z", "--no-renames", "--no-commit-id", "--full-index", before, after, "--", *folders
    ).text
    fields = words.split("\0")
    out = {}
    for facts, path in zip(fields[::2], fields[1::2], strict=False):
        old_mode, mode, old, new, _ = facts.removeprefix(":").split(" ")
        _require_inside(path, after)
        out[path] = (
            TreeEntry(old_mode, old) if old.strip("0") else None,
            TreeEntry(mode, new) if new.strip("0") else None,
        )
    return out


def details(git: Git, commit: str) -> CommitDetails:
    """Return the author and message of a commit."""
    form = "--format=%an%x00%ae%x00%ad%x00%aI%x00%B"
    show = ("log", "-1", "--no-show-signature", "--encoding=UTF-8", "--date=raw", form)
    name, email, raw, date, message = git.run(*show, commit, "--").text.split("\0", 4)
    author = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email, "GIT_AUTHOR_DATE": f"@{raw}"}
    return CommitDetails(author, message, date)


def signs_commits(git: Git) -> bool:
    """Return whether commit.gpgSign is set, which `git commit-tree` does not read by itself (git-commit-tree(1))."""
    return git.ask("config", "--type=bool", "--get", "commit.gpgSign").text == "true"


def create_commit(git: Git, tree: str, parent: str | None, like: CommitDetails, *, signs: bool) -> str:
    """Create a commit with this author and message, and return its id. Without a parent it is a root commit."""
    parents = ("-p", parent) if parent is not None else ()
    command = ("-c", "i18n.commitEncoding=UTF-8", "commit-tree", tree, *parents, *(["-S"] if signs else []))
    message = like.message.encode("utf-8", "surrogateescape")
    return git.run(*command, stdin=message, environment=like.author).text
