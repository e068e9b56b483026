"""F11: files of `.servegen/` in Git. They hold the state of one work tree, and would replace that of every clone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Position
from generator.core.programs.git import Git
from generator.repo.state import STATE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# The first bytes of an index, and the last version that stores whole paths. Source: gitformat-index(5)
_HEADER: Final = 12
_WHOLE_PATHS: Final = 3


def find_tracked_state(root: Path) -> list[Finding]:
    """Return the finding if the index of the work tree that holds `root` has files of the state folder."""
    if not _may_be_tracked(root):
        return []
    listed = Git(root).ask("ls-files", "-z", "--", STATE)
    return report_tracked_state(listed.text.split("\0")) if listed else report_tracked_state([STATE])


def report_tracked_state(paths: Iterable[str]) -> list[Finding]:
    """Return one finding about those of `paths` that are in the state folder, or none."""
    names = sorted(path for path in paths if path == STATE or path.startswith(f"{STATE}/"))
    message = f"found {STATE}/ in Git, which holds the state of one work tree"
    hint = f"git rm -r --cached {STATE}"
    return [Finding("F11", message, Position(names[0]), hint, also=tuple(map(Position, names[1:])))] if names else []


def _may_be_tracked(root: Path) -> bool:
    """Whether the index contains the folder's name, or has a form that only git can read: git takes longer to start."""
    git = next((folder / ".git" for folder in (root, *root.parents) if (folder / ".git").exists()), None)
    if git is None:
        return False
    try:
        folder = git if git.is_dir() else git.parent / git.read_text("utf-8").removeprefix("gitdir: ").rstrip("\n")
        content = (folder / "index").read_bytes()
    except FileNotFoundError:
        return False
    except (OSError, UnicodeDecodeError):
        return True
    shared = int.from_bytes(content[4:8], "big") > _WHOLE_PATHS or b"link" in content[_HEADER:]
    return shared or f"{STATE}/".encode() in content
