"""F19: specs of the work tree that Git ignores, so that no commit and no other clone has them.

What they render is then out of date everywhere else, and in the hook before a commit, which looks at the index.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from generator.core.errors import ServegenError
from generator.core.finding import Finding, Position, Severity
from generator.core.programs.git import Git
from generator.repo.deviation_reasons import Explainer
from generator.repo.git.checkout import checkout, prefix
from generator.repo.tracked_paths import needs_git, read_index
from generator.spec.files import ROOT as SPECS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

ID: Final = "F19"


def find_ignored_specs(root: Path, specs: Iterable[str]) -> list[Finding]:
    """Return a warning for each rule of Git that ignores some of these specs.

    Git is slow to start, so it is asked only if the index lacks one of them. Where it cannot be asked, only a commit
    finds them.
    """
    index = read_index(root)
    if not index:
        return []
    try:
        fresh = sorted(set(specs).difference(_tracked(root, index)))
        return list(_report(root, fresh)) if fresh else []
    except ServegenError:
        return []


def _tracked(root: Path, index: bytes) -> set[str]:
    if needs_git(index):
        return set(Git(root).ask("ls-files", "-z", "--", SPECS).text.split("\0"))
    above = re.escape(prefix(root).encode("utf-8", "surrogateescape"))
    found = re.findall(above + rb"(" + SPECS.encode() + rb"/[^\0]+)\0", index)
    return {name.decode("utf-8", "surrogateescape") for name in found}


def _report(root: Path, paths: list[str]) -> Iterator[Finding]:
    git = Git(root)
    found: dict[tuple[str, str], list[str]] = {}
    for path, why in Explainer(git, checkout(git)).explain_rules(paths).items():
        found.setdefault(why, []).append(path)
    for (what, hint), (first, *others) in found.items():
        message = f"this spec {what}, so that it would not be committed"
        yield Finding(ID, message, Position(first), hint, Severity.WARNING, also=tuple(map(Position, others)))
