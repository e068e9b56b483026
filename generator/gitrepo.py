"""What Git knows. GitPython costs as much start-up as all the rest, so it is imported where it is needed only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import ToolError, UsageError

if TYPE_CHECKING:
    from pathlib import Path


def contents(root: Path, revision: str, folder: str) -> dict[str, bytes]:
    """The files below `folder` as a revision has them, by their path relative to `root`.

    Raises UsageError when there is no such revision, ToolError when git cannot be used.
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
        top = str(repository.working_tree_dir or root)
        within = root.resolve().relative_to(top).as_posix()
        prefix = "" if within == "." else f"{within}/"
        try:
            tree = repository.commit(revision).tree / f"{prefix}{folder}"
        except KeyError:
            return {}
        except (git.BadName, git.BadObject, ValueError, git.GitCommandError):
            hint = "name a commit, a branch or a tag; in CI, fetch the target branch first"
            raise UsageError(f"{revision} is no revision of this repository", hint=hint) from None
        blobs = [entry for entry in tree.traverse() if isinstance(entry, git.Blob)]
        return {str(blob.path).removeprefix(prefix): blob.data_stream.read() for blob in blobs}


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
