"""The pre-commit hook of servegen in a repository: whether git runs it, and what makes git run it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.core.programs.git import Git
from generator.repo.git.refusal import explain_refusal
from generator.repo.repository import template_loader

if TYPE_CHECKING:
    from generator.repo.doctor_report import Hook

FOLDER: Final = ".githooks"
_NAME: Final = "pre-commit"
_HOOK: Final = f"{FOLDER}/{_NAME}"


def find_hook(root: Path) -> Hook:
    """Return the state of the hook, which may be in the folder that core.hooksPath names or in git's own."""
    git = Git(root)
    top = git.ask("rev-parse", "--show-toplevel")
    if not top:
        return "unknown" if explain_refusal(git, top) is not None else "none"
    run = _folder(git, Path(top.text)) / _NAME
    if run.is_file() and os.access(run, os.X_OK) and "servegen" in (text := run.read_text("utf-8", "replace")):
        return "active" if text == template_loader(root).text(f"init/{_NAME}-hook") else "changed"
    if run.is_file() and os.access(run, os.X_OK) and _HOOK in run.read_text("utf-8", "replace"):
        return "active"
    return "inactive" if Path(top.text, _HOOK).is_file() else "none"


def activation(root: Path) -> str:
    """Return what makes git run the hook of the work tree without switching other hooks off."""
    git = Git(root)
    top = Path(git.run("rev-parse", "--show-toplevel").text)
    folder = _folder(git, top)
    shown = folder.relative_to(top) if folder.is_relative_to(top) else folder
    if (folder / _NAME).is_file():
        return f"git runs the hooks in {shown}: add the line `{_HOOK}` to {shown}/{_NAME}"
    if configured_hooks(git) or _active(folder):
        return f"git runs the hooks in {shown}: run `cp {_HOOK} {shown}/{_NAME}`"
    return f"run `git config core.hooksPath {FOLDER}`"


def configured_hooks(git: Git) -> str:
    """Return the folder of hooks that the configuration names, of the user or of the system too; empty without one."""
    return git.ask("config", "--get", "--type=path", "core.hooksPath").text


def _folder(git: Git, top: Path) -> Path:
    return top / git.run("-C", str(top), "rev-parse", "--git-path", "hooks").text


def _active(folder: Path) -> list[Path]:
    """Return the hooks in a folder that git runs; samples are none."""
    found = folder.iterdir() if folder.is_dir() else ()
    return [path for path in found if path.suffix != ".sample" and os.access(path, os.X_OK) and path.is_file()]
