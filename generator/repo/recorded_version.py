"""The version of servegen that wrote a commit's rendered tree, as its commit message records it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.render.files import ROOT as RENDERED
from generator.repo.commit_message import VERSION
from generator.repo.path_conflicts import TEMPLATES
from generator.spec.files import ROOT as SPECS

if TYPE_CHECKING:
    from generator.core.programs.git import Git


def renders_its_specs(git: Git, commit: str) -> bool:
    """Return whether the specs and templates of a commit are those from which its rendered/ was written last."""
    wrote = git.run("log", "-1", "--format=%H", "--no-show-signature", commit, "--", RENDERED).text.strip()
    return bool(wrote) and bool(git.ask("diff", "--quiet", wrote, commit, "--", SPECS, TEMPLATES))


def recorded_version(git: Git, commit: str) -> str:
    """Return the version that wrote rendered/ of a commit last; empty if no message says so."""
    trailer = f"--format=%(trailers:key={VERSION},valueonly)"
    return git.run("log", "-1", "--no-show-signature", trailer, commit, "--", RENDERED).text.strip()
