"""F08 for a folder that is the work tree of another repository: a commit would hold its name and none of its files."""

from __future__ import annotations

from generator.core.finding import Finding, Position


def report_submodule(folder: str) -> Finding:
    """Return the finding about such a folder, whether Git knows it as a submodule or not."""
    message = "found a submodule, which servegen does not read"
    hint = f"replace it with the files themselves: move {folder}/.git away, and run `git rm --cached --force {folder}`"
    return Finding("F08", message, Position(folder), hint)
