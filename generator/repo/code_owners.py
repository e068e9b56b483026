"""The owners of a file, by the CODEOWNERS file of a revision.

Source: GitHub documentation, About code owners; GitLab documentation, CODEOWNERS syntax. Of all patterns that match a
path, the last one counts. In GitLab a line `[name] @owner` starts a section, whose owners are those of its patterns
without any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from generator.core.regex import regex
from generator.repo.git.objects import read_paths

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

    from generator.core.programs.git import Git

# The places in which GitHub and GitLab look, relative to the top of the work tree.
_FILES: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_SECTION: Final = regex(r"\^?\[[^\]]+\](?:\[\d+\])?(?P<owners>.*)")
_PATTERN: Final = regex(r"(?P<pattern>(?:\\.|[^\s\\])+)(?P<owners>.*)")


class CodeOwners(Struct, frozen=True):
    """The patterns of a CODEOWNERS file with their owners, for paths from the top of the work tree."""

    patterns: tuple[tuple[GitIgnoreSpec, tuple[str, ...]], ...]
    folder: str = ""

    @classmethod
    def read(cls, git: Git, commit: str) -> CodeOwners:
        """Return the first CODEOWNERS file of a commit, for paths that are relative to git's folder.

        Raises ToolError if git cannot read it.
        """
        folder = git.ask("rev-parse", "--show-prefix").text
        found = read_paths(git, commit, _FILES)
        first = next((found[name] for name in _FILES if name in found), None)
        return replace(cls.parse(first.decode("utf-8", "surrogateescape")), folder=folder) if first else cls(())

    @classmethod
    def parse(cls, text: str) -> CodeOwners:
        """Return the patterns of the text of a CODEOWNERS file."""
        from pathspec import GitIgnoreSpec

        common: tuple[str, ...] = ()
        patterns = []
        for line in map(str.strip, text.splitlines()):
            if not line or line.startswith("#"):
                continue
            if section := _SECTION.fullmatch(line):
                common = _names(section["owners"])
            elif entry := _PATTERN.fullmatch(line):
                patterns.append((GitIgnoreSpec.from_lines([entry["pattern"]]), _names(entry["owners"]) or common))
        return cls(tuple(patterns))

    def of(self, path: str) -> tuple[str, ...]:
        """Return the owners of a path by the last pattern that matches it; empty if none does."""
        whole = f"{self.folder}{path}"
        return next((owners for spec, owners in reversed(self.patterns) if spec.match_file(whole)), ())


def code_owners(git: Git, commit: str, path: str) -> tuple[str, ...]:
    """Return the owners of `path`, which is relative to git's folder, by the first CODEOWNERS file of a commit.

    Empty if there is no such file or no pattern that matches.
    """
    return CodeOwners.read(git, commit).of(path)


def _names(text: str) -> tuple[str, ...]:
    """Return the owners that a line lists, without its comment."""
    return tuple(text.partition(" #")[0].split())
