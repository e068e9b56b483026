"""What Git knows. GitPython costs as much start-up as all the rest, so it is imported where it is needed only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import ToolError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def contents(root: Path, revision: str, folder: str) -> dict[str, bytes]:
    """The regular files below `folder` as a revision has them, by their path relative to `root`.

    Raises UsageError when there is no such revision, ToolError when git cannot be used or an object is missing.
    """
    try:
        import git
    except ImportError as error:
        raise ToolError(f"git is not usable: {error}", hint="install git") from None
    try:
        repository = git.Repo(root, search_parent_directories=True)
    except git.InvalidGitRepositoryError:
        raise UsageError(f"{root} is in no Git repository, so it has no revision {revision}") from None
    with repository:
        # Run in `root`, so that paths are relative to it wherever the repository begins.
        program = git.Git(str(root))
        try:
            commit = program.rev_parse("--verify", "--end-of-options", f"{revision}^{{commit}}")
        except git.GitCommandError as error:
            raise _no_revision(revision, error.stderr) from None
        try:
            listing = program.ls_tree("-r", "-z", commit, "--", f"{folder}/")
            return {path: git.Blob(repository, id).data_stream.read() for path, id in _files(listing)}
        except (git.GitCommandError, ValueError) as error:
            said = error.stderr.strip() if isinstance(error, git.GitCommandError) else str(error)
            raise ToolError(
                f"git cannot read {revision}: {said}", hint="fetch the whole history and try again"
            ) from None


def _files(listing: str) -> Iterator[tuple[str, bytes]]:
    """Path and object of each regular file in a listing of `git ls-tree -z`: `mode type object\tpath`."""
    for line in listing.split("\0"):
        facts, _, path = line.partition("\t")
        if facts.startswith("100"):
            yield path, bytes.fromhex(facts.split()[2])


def _no_revision(revision: str, said: str) -> UsageError | ToolError:
    if "dubious ownership" in said:
        hint = "tell git that you trust it: git config --global --add safe.directory <the repository>"
        return ToolError("git refuses to read a repository of another user", hint=hint)
    hint = "name a commit, a branch or a tag; in CI, fetch the target branch and its history first"
    return UsageError(f"{revision} is no revision of this repository", hint=hint)


def known_contents(root: Path, folder: str) -> set[str]:
    """The object names of all contents that Git holds below `folder`: in the index and in HEAD. Without Git, none.

    Raises ToolError when there is a repository that git cannot read.
    """
    try:
        import git
    except ImportError as error:  # GitPython looks for the program when it is imported
        raise ToolError(f"git is not usable: {error}", hint="install git, or use --force") from None
    try:
        repository = git.Repo(root, search_parent_directories=True)
    except git.InvalidGitRepositoryError:
        return set()
    with repository:
        try:
            path = str(root / folder)
            listings = [repository.git.ls_files("-s", "-z", "--", path)]
            if repository.head.is_valid():
                listings.append(repository.git.ls_tree("-r", "-z", "HEAD", "--", path))
        except git.GitCommandError as error:
            raise ToolError(f"git failed: {error.stderr.strip()}") from None
    # `mode object stage\tpath` of the index, `mode type object\tpath` of a tree: the object's name is the long word.
    words = (word for listing in listings for line in listing.split("\0") for word in line.partition("\t")[0].split())
    return {word for word in words if len(word) in (40, 64)}
