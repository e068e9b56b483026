"""The `servegen site` command."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from msgspec import Struct

from generator.cli.common import command as new_command
from generator.cli.common import show_and_stop
from generator.cli.terminal import echo
from generator.core.errors import ToolError
from generator.core.programs.beside import run_beside
from generator.core.programs.git import Git
from generator.repo.code_owners import CodeOwners
from generator.repo.git.checkout import checkout, has_repository, uncommitted_files
from generator.repo.git.completeness import DEEPEN, is_shallow
from generator.repo.repository import Repository
from generator.repo.spec_history import find_edits, read_spec_history
from generator.repo.worktree import find_root
from generator.report.site import SiteSources, build_site, render_page
from generator.report.site.model import SiteRevision
from generator.spec.files import ROOT

if TYPE_CHECKING:
    from generator.cli.main import Invocation
    from generator.repo.spec_history import FileEdit

_FILE: Final = "index.html"


@new_command("site")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="site",
    show_default=True,
    help="The folder of index.html, which is replaced.",
)
@click.option("--serve", is_flag=True, help="Write nothing: serve the page on this machine until Ctrl-C.")
@click.pass_obj
def command(invocation: Invocation, *, out: Path, serve: bool) -> None:
    """Write one HTML page of the whole fleet: services, hosts, models, settings, history and links.

    The page needs no server, no network and no cluster: it opens from the disk, as an artefact of CI, or as a page of
    the forge. The same commit gives the same bytes. Whoever reads it sees the specs, without secrets, and the names of
    the authors of commits.

    \b
    Examples:
      servegen site
      servegen site --out public
      servegen site --serve
    """
    git = Git(find_root(invocation.folder))
    ask = run_beside(partial(_read_git, git))
    repository = Repository.open(invocation.folder)
    show_and_stop(repository.resolved.findings, repository.specs)
    text = render_page(build_site(repository.fleet, repository.routing, _sources(repository, git, ask())))
    if serve:
        from generator.cli.serve_page import serve_page

        serve_page(text)
    else:
        _write(invocation.folder / out / _FILE, text)
        echo(f"wrote {out / _FILE}")


class _GitFacts(Struct, frozen=True):
    """What Git says about the commit of the page, apart from contents of specs."""

    revision: SiteRevision
    owners: CodeOwners
    edits: tuple[FileEdit, ...]


def _read_git(git: Git) -> _GitFacts | None:
    """Return what Git says about HEAD; None without a commit."""
    here = checkout(git) if has_repository(git) else None
    if here is None or here.head is None:
        return None
    form = ("--format=%cd", "--date=format-local:%Y-%m-%dT%H:%M:%SZ")
    time = git.run("show", "--no-patch", "--no-show-signature", *form, here.head, environment={"TZ": "UTC"}).text
    notes = []
    if uncommitted_files(git, here, ROOT):
        notes.append("This page also shows changes of specs that are not committed.")
    if is_shallow(git):
        notes.append(f"The history is incomplete, as the clone is shallow: `{DEEPEN}` gets the rest.")
    revision = SiteRevision(here.head, time, tuple(notes))
    return _GitFacts(revision, CodeOwners.read(git, here.head), find_edits(git, here.head))


def _sources(repository: Repository, git: Git, facts: _GitFacts | None) -> SiteSources:
    if facts is None:
        return SiteSources(repository.specs)
    documents = (entry.document for entry in repository.fleet.services)
    history = read_spec_history(git, facts.edits, repository.specs, documents)
    return SiteSources(repository.specs, facts.revision, facts.owners.of, history)


def _write(file: Path, text: str) -> None:
    """Raises ToolError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ToolError(f"cannot write {file}: {error.strerror}") from error
