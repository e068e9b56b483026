"""The base revision of a change: what decides when the change is judged, and what the change would alter of it.

People who may change services/ of their project may not change templates/, schemas, grants and the platform's waivers.
So with a base revision these come from there, and a change to them is reported instead of used.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from generator.checks.fleet.a14_changed_grants import ID as GRANTS_ID
from generator.checks.waivers.w04_changed import ID as WAIVERS_ID
from generator.core.finding import Finding, Position, Severity
from generator.core.paths import templates_root
from generator.core.programs.git import Git
from generator.repo.code_owners import code_owners
from generator.repo.git.checkout import commit_of, read_files
from generator.repo.git.commit_tree import export
from generator.repo.path_conflicts import TEMPLATES
from generator.spec.files import PLATFORM
from generator.spec.files import ROOT as SPECS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_ID: Final = "T04"


class TrustedBase(Struct, frozen=True):
    """The specs of the base `revision` (path -> content), and a folder with its templates/.

    The folder is None if those of the work tree are used. `findings` are about each file of templates/ that differs.
    `platform_owners` are the owners of the platform file, by CODEOWNERS.
    """

    revision: str
    specs: Mapping[str, bytes]
    folder: Path | None
    findings: tuple[Finding, ...]
    platform_owners: tuple[str, ...]

    def name_owners(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return the findings with the owners of the platform file in the hints that send people to them."""
        return [
            replace(finding, hint=_with_owners(finding.hint, self.platform_owners))
            if finding.grant is not None or finding.id in (GRANTS_ID, WAIVERS_ID)
            else finding
            for finding in findings
        ]


@contextmanager
def trusted_base(root: Path, revision: str) -> Iterator[TrustedBase]:
    """Yield what decides about a change since `revision`; the folder is deleted when the body ends.

    servegen's own repository ships its templates/ together with the code, so they come from the work tree there. Raises
    UsageError if there is no such revision, ToolError if git cannot be used or an object is missing.
    """
    git = Git(root)
    commit = commit_of(git, revision)
    specs = read_files(git, commit, SPECS, revision)
    owners = partial(code_owners, git, commit)
    if (root / TEMPLATES).resolve() == templates_root().resolve():
        yield TrustedBase(revision, specs, None, (), owners(PLATFORM))
        return
    templates = read_files(git, commit, TEMPLATES, revision)
    with tempfile.TemporaryDirectory(prefix="servegen-") as folder:
        export(Path(folder), templates)
        findings = [_finding(name, templates, revision, owners(name)) for name in _changed(git, revision)]
        yield TrustedBase(revision, specs, Path(folder), tuple(findings), owners(PLATFORM))


def _changed(git: Git, revision: str) -> list[str]:
    """Return the paths in templates/ at which the work tree differs from a revision, sorted."""
    options = ("--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--relative")
    differing = git.run("diff", *options, "--end-of-options", revision, "--", TEMPLATES).text
    added = git.run("ls-files", "--others", "--exclude-standard", "-z", "--", TEMPLATES).text
    return sorted({name for text in (differing, added) for name in text.split("\0") if name})


def _finding(name: str, before: Mapping[str, bytes], revision: str, owners: tuple[str, ...]) -> Finding:
    state = "differs from the file in" if name in before else "is not in"
    message = f"this file {state} {revision}, so it is not used to judge the change"
    hint = f"ask the owners of {TEMPLATES}/; what needs it can follow when this is merged"
    return Finding(_ID, message, Position(name), _with_owners(hint, owners), Severity.WARNING)


def _with_owners(hint: str, owners: tuple[str, ...]) -> str:
    return f"{hint} (by CODEOWNERS: {' '.join(owners)})" if owners else hint
