"""The branch of a remote that a clone is pushed to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from generator.core.errors import UsageError
from generator.core.mask_urls import mask_urls
from generator.repo.git.branch_name import check_branch_name
from generator.spec.values.text import list_known

if TYPE_CHECKING:
    from generator.core.programs.git import Git
    from generator.repo.git.checkout import Checkout


class Remote(Struct, frozen=True):
    """A branch of a remote. If `branch` is None, the branch that HEAD is on.

    `address` is what `git remote -v` lists first for it; `destination` fills it in.
    """

    name: str
    branch: str | None
    address: str = ""

    @property
    def ref(self) -> str:
        """The fully qualified name of the branch."""
        return f"refs/heads/{self.branch}"

    @property
    def pull(self) -> str:
        """The command that rebases a clone by hand; it names the branch, because a clone need not track one."""
        return f"git pull --rebase {self.name} {self.branch}"

    def __str__(self) -> str:
        return f"{self.name}/{self.branch}"


def destination(git: Git, here: Checkout, wanted: Remote) -> Remote:
    """Return the branch that HEAD is pushed to.

    Raises UsageError if there is no such remote, if HEAD is detached and no branch is named, or if the branch name is
    invalid.
    """
    listed = [line.partition("\t") for line in git.run("remote", "-v").text.splitlines()]
    remotes = {name: address for name, _, address in reversed(listed)}
    if wanted.name not in remotes or wanted.name.startswith("-"):
        hint = list_known("remotes", sorted(remotes)) if remotes else "git remote add origin <address>"
        raise UsageError(f"there is no remote {mask_urls(wanted.name)}", hint=hint)
    branch = here.branch if wanted.branch is None else wanted.branch
    if branch is None:
        raise UsageError(
            "HEAD is detached, so there is no branch to push to", hint="use --branch, such as --branch main"
        )
    checked = check_branch_name(git, branch, exists=wanted.branch is None)
    return Remote(wanted.name, checked, remotes[wanted.name])
