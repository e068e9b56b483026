"""The owners of a file, by the CODEOWNERS file of a revision.

Source: GitHub documentation, About code owners; GitLab documentation, CODEOWNERS syntax. Of all patterns that match a
path, the last one counts. In GitLab a line `[name] @owner` starts a section, whose owners are those of its patterns
without any.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from generator.core.programs.git import Git

# The places in which GitHub and GitLab look, relative to the top of the work tree.
_FILES: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_SECTION: Final = re.compile(r"\^?\[[^\]]+\](?:\[\d+\])?(?P<owners>.*)")
_PATTERN: Final = re.compile(r"(?P<pattern>(?:\\.|[^\s\\])+)(?P<owners>.*)")


def code_owners(git: Git, commit: str, path: str) -> tuple[str, ...]:
    """Return the owners of `path`, which is relative to git's folder, by the first CODEOWNERS file of a commit.

    Empty if there is no such file or no pattern that matches.
    """
    folder = git.ask("rev-parse", "--show-prefix").text
    for name in _FILES:
        # The path after the colon is relative to the top of the work tree.
        if found := git.ask("cat-file", "blob", f"{commit}:{name}"):
            return matching_owners(found.text, f"{folder}{path}")
    return ()


def matching_owners(text: str, path: str) -> tuple[str, ...]:
    """Return the owners of a path, relative to the top of the work tree, by the text of a CODEOWNERS file."""
    from pathspec import GitIgnoreSpec

    common: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if section := _SECTION.fullmatch(stripped):
            common = _names(section["owners"])
        elif (entry := _PATTERN.fullmatch(stripped)) and GitIgnoreSpec.from_lines([entry["pattern"]]).match_file(path):
            owners = _names(entry["owners"]) or common
    return owners


def _names(text: str) -> tuple[str, ...]:
    """Return the owners that a line lists, without its comment."""
    return tuple(text.partition(" #")[0].split())
