"""The `servegen diff` command."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from msgspec.structs import replace

from generator.cli.common import command as new_command
from generator.cli.compared_sides import sides_of
from generator.cli.terminal import echo, echo_utf8
from generator.core.collector import no_collector
from generator.core.errors import ErrorsFoundError, ToolError, UsageError
from generator.core.finding import Severity
from generator.core.printable import printable
from generator.pipeline.workers import spread
from generator.repo.compared import compare_revisions
from generator.report.conceal import Concealer
from generator.report.diff_view import DiffView, count
from generator.review.gate import TRAILER, demands
from generator.review.review import review

if TYPE_CHECKING:
    from generator.cli.main import Invocation
    from generator.repo.compared import Compared
    from generator.review.sides import Sides

_FORMATS: Final = {name: f"generator.report.diff_{name}" for name in ("text", "json", "markdown", "html")}
_ENDINGS: Final = {".html": "html", ".json": "json", ".md": "markdown", ".txt": "text"}


@new_command("diff")
@click.argument("base", required=False)
@click.argument("head", required=False)
@click.option(
    "--output",
    type=click.Choice(list(_FORMATS)),
    default="text",
    show_default=True,
    help="The format. markdown: one comment of at most 60,000 bytes, in which no dangerous part is cut. html: one "
    "page without outside resources.",
)
@click.option(
    "--write",
    "files",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Also write the report to a file, in the format of its ending: .html, .json, .md or .txt. May be repeated.",
)
@click.option(
    "--gate",
    is_flag=True,
    help="Exit with 1 if something is deleted, recreated, moved or handed over to another app, and no commit of the "
    "change accepts it with the trailer Servegen-Accept.",
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 if anything changes, as `git diff --exit-code` does.")
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    base: str | None,
    head: str | None,
    output: str,
    files: tuple[Path, ...],
    gate: bool,
    exit_code: bool,
) -> None:
    """Report what a change does to the objects, hosts and environments, the most dangerous first.

    Both revisions are rendered, each from its own specs and templates, and compared object by object. BASE is a
    commit, a branch or a tag; BASE... is its merge base with HEAD, as in `git diff`. The default is HEAD while
    services/ or templates/ have changes that are not committed, and else the merge base with the default branch of
    the remote. HEAD is the second revision; the default is the work tree.

    \b
    Examples:
      servegen diff                     what I have changed
      servegen diff origin/main...      what this branch changes
      servegen diff v1.4.0 v1.5.0
      servegen diff origin/main... --output markdown --gate
      servegen diff origin/main... --write report.html
    """
    _require_known_endings(files)
    with compare_revisions(invocation.folder, base, head) as compared:
        with no_collector():
            view = _view(compared)
        committed = compared.has_commits
        if gate:
            view = replace(view, demands=tuple(demands(view.review, compared.trailers(TRAILER))))
    text = _report(view, output)
    for file in files:
        _write(invocation.folder / file, _report(view, _ENDINGS[file.suffix]))
    if output == "text":
        echo(text, nl=False)
    else:
        echo_utf8(text)
    _require_accepted(view, committed=committed)
    if exit_code and not view.review.empty:
        raise ErrorsFoundError("")


def _report(view: DiffView, output: str) -> str:
    text: str = import_module(_FORMATS[output]).report(view)
    return text


def _require_known_endings(files: tuple[Path, ...]) -> None:
    """Raise UsageError if the name of a file says no format."""
    for file in files:
        if file.suffix not in _ENDINGS:
            raise UsageError(f"--write {file}: the name of the file must end in {', '.join(_ENDINGS)}")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(printable(text), encoding="utf-8", newline="\n")
    except OSError as error:
        raise ToolError(f"cannot write {path}: {error.strerror}") from error


def _require_accepted(view: DiffView, *, committed: bool) -> None:
    """Raise ErrorsFoundError, with the lines to add, if something is not accepted."""
    missing = [one.trailer for one in view.demands or () if not one.accepted]
    if missing:
        lines = "this line" if len(missing) == 1 else "these lines"
        message = f"{count(len(missing), 'change')} must be accepted with {lines}:"
        amend = (
            f"add {lines} to the end of the message of a commit of this change, for example with `git commit --amend`"
        )
        hint = amend if committed else f"commit the change, with {lines} at the end of the message"
        raise ErrorsFoundError("\n".join([message, *missing]), hint=hint)


def _view(compared: Compared) -> DiffView:
    sides = sides_of(compared, whole=bool(compared.wrote))
    found = review(
        sides.before, sides.after, sides.changed, templates=sides.templates, spread=spread, shared=sides.shared
    )
    notes = _notes(sides)
    if compared.wrote:
        from generator.cli.tool_version import with_tool_version  # few commits are by another version

        found, wrote = with_tool_version(found, compared, sides.before)
        notes = [wrote, *notes]
    specs = compared.base.specs, compared.head.specs
    return DiffView(found, compared.base_name, compared.head_name, tuple(notes), Concealer(specs))


def _notes(sides: Sides) -> list[str]:
    broken = sorted({f.position.file for f in sides.old_findings if f.severity is Severity.ERROR})
    listed = ", ".join(broken)
    return [f"specs of the base have errors, and are compared as if they were absent: {listed}"] if broken else []
