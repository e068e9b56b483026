"""A render that plans the fleet, or the part of it that an edit reaches; without a change, none is needed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from generator.cli.common import progress, refusals_as, show
from generator.cli.near_render import near_render, record
from generator.core.errors import ErrorsFoundError
from generator.core.finding import has_errors, sort_findings
from generator.repo import worktree
from generator.repo.cache.last_render import changes_since, render_memory
from generator.repo.cache.unchanged import remember
from generator.repo.repository import Repository
from generator.repo.worktree import content_name, find_local_changes, out_of_date_findings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from generator.core.finding import Finding
    from generator.pipeline.plan import Plan
    from generator.repo.cache.last_render import LastRender, RenderMemory
    from generator.repo.worktree import Changes


class RenderOutcome(Struct, frozen=True):
    """The rendered files (path -> text), how rendered/ differs from them, and their numbers in a sentence.

    `others` are the SHA-1 names of the contents of more files, which are the same. `findings` are those of the plan.
    `record` makes the record of this render once rendered/ is equal to it, which `memory` keeps.
    """

    repository: Repository
    memory: RenderMemory | None
    files: Mapping[str, str]
    changes: Changes
    numbers: str
    findings: tuple[Finding, ...]
    record: Callable[[], LastRender | None]
    others: Iterable[str] = ()

    def finish(self, *, writes: bool) -> None:
        """Make rendered/ equal to the files, and keep that for later runs. Raises ToolError."""
        if self.changes and not writes:
            return
        root = self.repository.root
        if self.changes:
            worktree.write(root, self.files, self.changes, self.others)
        last = self.record() if self.memory is not None else None
        if last is None or self.memory is None:
            return
        self.memory.keep(last)
        if not self.changes:
            remember(root, last.said, self.repository.now, last.span.until)


def render(root: Path, folder: str, output: str, *, check: bool, force: bool) -> RenderOutcome:
    """Plan the repository and print the findings; write nothing. Raises ErrorsFoundError if one is an error."""
    repository = Repository.open(root)
    memory = render_memory(root, repository.templates)
    last = memory.recall(repository.now) if memory is not None else None
    rendered = _near(repository, memory, last)
    if rendered is None:
        with refusals_as(output, folder):
            rendered = _whole(repository, memory, last)
    findings = [*rendered.findings, *_about_the_tree(rendered, check=check, force=force, output=output)]
    show(sort_findings(findings), repository.specs, output, folder)
    if has_errors(rendered.findings) or (has_errors(findings) and not check):
        raise ErrorsFoundError("")
    return rendered


def _near(repository: Repository, memory: RenderMemory | None, last: LastRender | None) -> RenderOutcome | None:
    found = near_render(repository, last)
    if found is None:
        return None
    after = found.last
    return RenderOutcome(
        repository,
        memory,
        found.files,
        found.changes,
        after.numbers,
        after.findings,
        lambda: after,
        after.contents.values(),
    )


def _whole(repository: Repository, memory: RenderMemory | None, last: LastRender | None) -> RenderOutcome:
    with progress() as report_progress:
        plan = repository.plan_worktree(progress=report_progress)
    contents = {file: content_name(text.encode()) for file, text in plan.files.items()} if memory is not None else {}
    changes = changes_since(last, contents) if last is not None else None
    if changes is None:
        changes = worktree.compare(repository.root, plan.files)
    numbers = _numbers(plan)
    recorded = partial(record, repository, plan, numbers, contents, last)
    return RenderOutcome(repository, memory, plan.files, changes, numbers, plan.findings, recorded)


def _about_the_tree(rendered: RenderOutcome, *, check: bool, force: bool, output: str) -> list[Finding]:
    """Return findings about rendered/: files that cannot be written or, with --check, that it is out of date.

    The latter is for machine-readable formats; with text output, the error message of --check lists the files instead.
    """
    changes = rendered.changes
    if not changes or has_errors(rendered.findings):
        return []
    if check:
        return out_of_date_findings(changes) if output != "text" else []
    return [] if force else find_local_changes(rendered.repository.root, rendered.files, changes)


def _numbers(plan: Plan) -> str:
    services = _counted(len(plan.fleet.services), "service")
    environments = _counted(len(plan.fleet.environments), "environment")
    return f"{services} in {environments}: {plan.objects} objects, {len(plan.files)} files"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
