"""An edit of specs that is not written yet, with its consequences and the findings that it causes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from generator.core.errors import RefusedError
from generator.core.finding import has_errors
from generator.fleet.diff import consequences
from generator.repo.worktree import delete_specs, write_specs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.core.finding import Finding
    from generator.repo.repository import Repository


class Edit(Struct, frozen=True):
    """The repository before and after an edit, and the changed files (path -> content; None: the file is deleted).

    `findings` are those that the edit causes, and all findings about the edited files.
    """

    before: Repository
    after: Repository
    files: Mapping[str, bytes | None]
    findings: Sequence[Finding]

    def require_no_errors(self) -> Edit:
        """Return this edit. Raises RefusedError if one of its findings is an error."""
        if has_errors(self.findings):
            hint = "the findings are for the specs as they would be after the edit"
            raise RefusedError(self.findings, self.after.specs, "nothing was written", hint=hint)
        return self

    def consequences(self) -> list[str]:
        """Return one sentence for each thing that the edit changes in an environment."""
        before, after = self.before, self.after
        return list(consequences((before.fleet, before.routing), (after.fleet, after.routing)))

    def write(self) -> None:
        """Write and delete the files. Raises ToolError if one of them has changed since it was read."""
        specs, root = self.before.specs, self.before.root
        texts = {file: text for file, text in self.files.items() if text is not None}
        write_specs(root, texts, {file: specs[file] for file in texts if file in specs})
        delete_specs(root, {file: specs[file] for file, text in self.files.items() if text is None})


def prepare_edit(repository: Repository, files: Mapping[str, bytes | None]) -> Edit:
    """Return the edit of these files, resolved and checked. Write nothing."""
    after = repository.with_edits(files)
    try:
        found: Sequence[Finding] = after.resolved.findings
    except RefusedError as refused:
        found = refused.findings
    known = {_key(finding) for finding in repository.resolved.findings}
    new = [finding for finding in found if _key(finding) not in known or finding.position.file in files]
    return Edit(repository, after, files, new)


def _key(finding: Finding) -> tuple[str, str, str, str]:
    """Return what identifies a finding before and after an edit, which may have moved its line.

    A warning that becomes an error is another finding: a deployment to prod makes an error of a secret (L01).
    """
    return finding.id, finding.severity, finding.message, finding.position.file
