"""The trailers of the commits of a change. Source: git-interpret-trailers(1), git-log(1)"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.core.programs.git import Git


def read_trailers(git: Git, key: str, start: str, end: str) -> list[str]:
    """Return the values of a trailer in the commits that `end` has and `start` has not, those of the newest first."""
    form = f"--format=%(trailers:key={key},valueonly,unfold)"
    listed = git.run("log", "--no-show-signature", form, "--end-of-options", f"{start}..{end}").text
    return [line.strip() for line in listed.splitlines() if line.strip()]
