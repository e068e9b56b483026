"""Read a Git repository: the work tree, revisions, uncommitted files and known contents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.errors import ToolError, UsageError
from generator.core.programs.control import work_tree
from generator.core.programs.git import Git
from generator.core.regex import regex
from generator.repo.git import objects as gitobjects
from generator.repo.git.refusal import REPAIR, explain_refusal, reports_damage
from generator.spec.files import ROOT as SPECS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.core.programs.git import GitResult

_ID: Final = regex("[0-9a-f]{40}|[0-9a-f]{64}")
_PLACE: Final = ("--is-inside-work-tree", "--show-prefix", "--absolute-git-dir", "--git-common-dir")
_LINES: Final = len(_PLACE) + 2


class Checkout(Struct, frozen=True):
    """The location of a servegen repository in a Git work tree.

    `prefix` is its folder in the work tree, empty or with a slash at its end. `directory` is the Git folder of this
    work tree, `common` the one that all linked work trees share. `head` is None before the first commit, `branch` is
    None if HEAD is detached.
    """

    prefix: str
    directory: Path
    common: Path
    head: str | None
    branch: str | None


def checkout(git: Git) -> Checkout:
    """Return the work tree that holds git's folder. Raises UsageError if there is none."""
    # One process answers for a branch or a commit; before the first commit, git answers with an error.
    whole = git.ask("rev-parse", *_PLACE, "HEAD^{commit}", "--symbolic-full-name", "HEAD")
    lines = whole.text.split("\n")
    if whole and len(lines) == _LINES and lines[0] == "true":
        _, prefix, directory, common, head, ref = lines
        branch = ref.removeprefix("refs/heads/") if ref != "HEAD" else None
        return Checkout(prefix, Path(directory), git.folder / common, head, branch)
    return _checkout_of_parts(git)


def _checkout_of_parts(git: Git) -> Checkout:
    asked = git.ask("rev-parse", *_PLACE)
    if not asked:
        nowhere = UsageError(f"{git.folder} is not in a Git repository", hint="run `git init`")
        raise explain_refusal(git, asked) or nowhere
    inside, prefix, directory, common = asked.text.split("\n")
    if inside != "true":
        hint = "clone it and run servegen in the clone"
        raise UsageError(f"{git.folder} is in a bare repository, which has no work tree", hint=hint)
    head = git.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}").text
    branch = git.ask("symbolic-ref", "--quiet", "HEAD").text.removeprefix("refs/heads/")
    return Checkout(prefix, Path(directory), git.folder / common, head or None, branch or None)


def has_repository(git: Git) -> bool:
    """Return whether git's folder is in a repository. Raises ToolError or UsageError if git refuses to read one."""
    inside = git.ask("rev-parse", "--git-dir")
    if not inside and (refused := explain_refusal(git, inside)):
        raise refused
    return bool(inside)


def commit_of(git: Git, revision: str) -> str:
    """Return the full id of the commit that a revision names. Raises UsageError if there is none."""
    commit = git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").text
    if _ID.fullmatch(commit):  # with ^, git prints the id of a commit to leave out
        return commit
    inside = git.ask("rev-parse", "--git-dir")
    if not inside:
        nowhere = UsageError(f"{git.folder} is not in a Git repository, so it has no revision {revision}")
        raise explain_refusal(git, inside) or nowhere
    _require_readable(git, revision)
    hint = "use a commit, a branch or a tag; in CI, fetch the target branch and its history first"
    raise UsageError(f"{revision} is not a revision of this repository", hint=hint)


def _require_readable(git: Git, revision: str) -> None:
    """Raise ToolError if a branch or tag of this name is there, and git cannot read its commit."""
    named = git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", revision).text
    if _ID.fullmatch(named) and named != revision and not (found := git.ask("cat-file", "-t", named)):
        raise ToolError(f"git cannot read {revision}: {found.message}", hint=REPAIR)


def prefix(root: Path) -> str:
    """Return the path of `root` in the work tree that holds it, empty or with a slash at its end; empty without one.

    Findings must be reported even if there is no git program or it refuses to read the repository, as in a CI
    container. So this function looks for `.git` as git itself does: a folder, or a file in a linked work tree and in a
    submodule.
    """
    for folder in (root, *root.parents):
        if (folder / ".git").exists():
            return f"{root.relative_to(folder).as_posix()}/" if folder != root else ""
    return ""


def controlled_folder(folder: Path) -> Path:
    """Return the folder with all files that a change under review can write: the Git work tree that holds `folder`.

    Without Git it is the folder with services/platform.yaml, or `folder` itself.
    """
    above = (path for path in (folder, *folder.parents) if (path / SPECS / "platform.yaml").exists())
    return min(work_tree(folder), next(above, folder), key=lambda path: len(path.parts))


def read_files(git: Git, commit: str, folder: str, revision: str) -> dict[str, bytes]:
    """Return the regular files below `folder` in a commit, by their path from git's folder.

    `revision` is what the user calls the commit. Raises ToolError if git cannot be used or an object is missing.
    """
    try:
        return gitobjects.regular_contents(git, gitobjects.entries(git, commit, folder))
    except ToolError as error:
        hint = error.hint or (REPAIR if reports_damage(str(error)) else "fetch the whole history, and try again")
        raise ToolError(f"git cannot read {revision}: {error}", hint=hint) from None


def uncommitted_files(git: Git, here: Checkout, *folders: str) -> list[str]:
    """Return the files below `folders` that differ from HEAD or are staged, including new ones, sorted."""
    # `git diff` would refresh the index under a lock, which a killed process leaves behind.
    status = ("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", *folders)
    entries = git.run(*status).text.split("\0")
    return sorted(entry[3:].removeprefix(here.prefix) for entry in entries if entry)


def known_contents(root: Path, folder: str) -> Iterator[set[str]]:
    """Yield the SHA-1 names of all contents below `folder` in the index, then in HEAD; nothing without a repository.

    Raises ToolError if there is a repository that git cannot read.
    """
    git = Git(root)
    staged = git.ask("ls-files", "-s", "-z", "--", folder)
    if not staged and not has_repository(git):
        return
    yield _contents(git, staged or git.run("ls-files", "-s", "-z", "--", folder))
    committed = git.ask("ls-tree", "-r", "-z", "HEAD", "--", folder)
    if committed or git.ask("rev-parse", "--verify", "--quiet", "HEAD"):
        yield _contents(git, committed or git.run("ls-tree", "-r", "-z", "HEAD", "--", folder))


def _contents(git: Git, listing: GitResult) -> set[str]:
    # Index entries are `mode object stage\tpath`, tree entries `mode type object\tpath`: the id is the long word.
    words = (word for line in listing.text.split("\0") for word in line.partition("\t")[0].split())
    return gitobjects.sha1_names(git, {word for word in words if len(word) in (40, 64)})
