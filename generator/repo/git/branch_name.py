"""The names of branches that a user gives, as Git's own commands accept them.

`git push` and `git update-ref` take a full name such as refs/heads/HEAD or refs/heads/-x without a complaint; `git
branch` and `git switch` cannot use such a branch afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.errors import UsageError
from generator.core.regex import regex

if TYPE_CHECKING:
    from generator.core.programs.git import Git

_HEADS: Final = "refs/heads/"
# Git reads these names as something else: gitrevisions(7), and the full id of a commit.
_TAKEN: Final = regex(r"@|(?:[A-Z]+_)?HEAD|[0-9a-f]{40}|[0-9a-f]{64}")


def check_branch_name(git: Git, name: str, *, exists: bool = False) -> str:
    """Return the name if it is the short name of a branch. `exists` means that git has named this branch.

    Source: git-check-ref-format(1) with --branch, which accepts a previous branch (@{-1}) and names with refs/ and +
    too. Raises UsageError.
    """
    known = name.startswith(("refs/", "-", "+")) or "@{" in name or _TAKEN.fullmatch(name)
    if known or not (exists or git.ask("check-ref-format", f"{_HEADS}{name}")):
        raise UsageError(f'found the branch name "{name}", expected a name such as main', hint=_hint(git, name))
    return name


def _hint(git: Git, name: str) -> str:
    plain = name.lstrip("+-").removeprefix(_HEADS)
    usable = plain not in ("", name) and not _TAKEN.fullmatch(plain) and not plain.startswith("refs/")
    if usable and "@{" not in plain and git.ask("check-ref-format", f"{_HEADS}{plain}"):
        return f"write {plain}"
    return "a branch is given without refs/heads/, - or + in front, and is not HEAD or a commit"
