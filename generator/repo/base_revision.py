"""The revision that a change starts from: the one that somebody names, or the one that a user of Git expects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.errors import UsageError
from generator.core.mask_urls import mask_urls
from generator.repo.git.checkout import checkout, commit_of, uncommitted_files
from generator.repo.path_conflicts import TEMPLATES
from generator.spec.files import ROOT as SPECS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.core.programs.git import Git
    from generator.repo.git.checkout import Checkout

_SINCE: Final = "..."
_DEFAULTS: Final = ("main", "master")


class BaseRevision(Struct, frozen=True):
    """A commit, how a report names it, and the commit `end` at which the change ends: HEAD for the work tree."""

    commit: str
    name: str
    end: str


def base_revision(git: Git, given: str | None, head: str | None) -> BaseRevision:
    """Return the base of a change that ends in the revision `head`, None for the work tree.

    `REV...` is the merge base of REV and the head, as in `git diff`. Without `given` it is HEAD if the work tree has
    changes that are not committed, and else the merge base with the default branch of the remote. Raises UsageError if
    there is no such revision.
    """
    end = commit_of(git, head or "HEAD")
    if given is not None and given.endswith(_SINCE):
        return _merge_base(git, given.removesuffix(_SINCE) or "HEAD", end)
    if given is not None:
        return BaseRevision(commit_of(git, given), given, end)
    here = checkout(git)
    if head is None and uncommitted_files(git, here, SPECS, TEMPLATES):
        return BaseRevision(end, "HEAD", end)
    default = next(_default_branches(git, here), None)
    return _merge_base(git, default, end) if default is not None else BaseRevision(end, head or "HEAD", end)


def _merge_base(git: Git, revision: str, end: str) -> BaseRevision:
    commit = commit_of(git, revision)
    found = git.ask("merge-base", commit, end)
    if not found:
        hint = "in CI, fetch the history of both: `fetch-depth: 0` in GitHub, `GIT_DEPTH: 0` in GitLab"
        raise UsageError(f"{revision} has no common commit with {end[:9]}", hint=hint)
    return BaseRevision(found.text, f"the merge base with {revision}", end)


def _default_branches(git: Git, here: Checkout) -> Iterator[str]:
    """Yield the default branches that are known, the remote's own first."""
    for remote in _remotes(git, here):
        head = git.ask("symbolic-ref", "--quiet", "--short", f"refs/remotes/{remote}/HEAD").text
        candidates = [*([head] if head else []), *(f"{remote}/{name}" for name in _DEFAULTS)]
        yield from (name for name in candidates if _exists(git, f"refs/remotes/{name}"))
    yield from (name for name in _DEFAULTS if name != here.branch and _exists(git, f"refs/heads/{name}"))


def _remotes(git: Git, here: Checkout) -> list[str]:
    own = git.ask("config", "--get", f"branch.{here.branch}.remote").text if here.branch is not None else ""
    names = git.run("remote").text.splitlines()
    ordered = sorted(names, key=lambda name: (name != own, name != "origin", name))
    return [mask_urls(name) for name in ordered if not name.startswith("-")]


def _exists(git: Git, ref: str) -> bool:
    return bool(git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"))
