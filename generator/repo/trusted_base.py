"""The base revision of a change: what decides when the change is judged, and what the change would alter of it.

People who may change services/ of their project may not change templates/, schemas and grants. So with a base revision
these come from there, and a change to them is reported instead of used.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Position, Severity
from generator.core.paths import templates_root
from generator.core.programs.git import Git
from generator.repo.git.checkout import read_files
from generator.repo.git.commit_tree import export
from generator.repo.path_conflicts import TEMPLATES
from generator.spec.files import ROOT as SPECS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ID: Final = "T04"


@dataclass(frozen=True, slots=True)
class TrustedBase:
    """The specs of a base revision (path -> content), and a folder with its templates/.

    The folder is None if those of the work tree are used. `findings` are about each file of templates/ that differs.
    """

    specs: Mapping[str, bytes]
    folder: Path | None
    findings: tuple[Finding, ...]


@contextmanager
def trusted_base(root: Path, revision: str) -> Iterator[TrustedBase]:
    """Yield what decides about a change since `revision`; the folder is deleted when the body ends.

    servegen's own repository ships its templates/ together with the code, so they come from the work tree there. Raises
    UsageError if there is no such revision, ToolError if git cannot be used or an object is missing.
    """
    specs = read_files(root, revision, SPECS)
    if (root / TEMPLATES).resolve() == templates_root().resolve():
        yield TrustedBase(specs, None, ())
        return
    templates = read_files(root, revision, TEMPLATES)
    with tempfile.TemporaryDirectory(prefix="servegen-") as folder:
        export(Path(folder), templates)
        findings = [_finding(name, templates, revision) for name in _changed(Git(root), revision)]
        yield TrustedBase(specs, Path(folder), tuple(findings))


def _changed(git: Git, revision: str) -> list[str]:
    """Return the paths in templates/ at which the work tree differs from a revision, sorted."""
    options = ("--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--relative")
    differing = git.run("diff", *options, "--end-of-options", revision, "--", TEMPLATES).text
    added = git.run("ls-files", "--others", "--exclude-standard", "-z", "--", TEMPLATES).text
    return sorted({name for text in (differing, added) for name in text.split("\0") if name})


def _finding(name: str, before: Mapping[str, bytes], revision: str) -> Finding:
    state = "differs from the file in" if name in before else "is not in"
    message = f"this file {state} {revision}, so it is not used to judge the change"
    hint = f"ask the owners of {TEMPLATES}/; what needs it can follow when this is merged"
    return Finding(_ID, message, Position(name), hint, Severity.WARNING)
