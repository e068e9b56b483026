"""The `servegen import` command."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct
from msgspec.structs import replace

from generator.checks.files import check_files
from generator.cli import completion
from generator.cli.common import command as new_command
from generator.cli.common import show
from generator.cli.dry_run import DRY_RUN, dry_run_option
from generator.cli.import_mlflow import mlflow
from generator.cli.locked import lock_repository
from generator.cli.notes import print_notes, refuse
from generator.cli.terminal import echo
from generator.core.errors import ErrorsFoundError, UsageError
from generator.core.finding import has_errors, sort_findings
from generator.edit.spec_text import project_text, service_text
from generator.fleet.load import read_specs
from generator.fleet.lookup import find_environment
from generator.importers.columns import ImportOptions
from generator.importers.cube_studio import convert
from generator.importers.move import warnings
from generator.importers.names import slug
from generator.importers.note import Note
from generator.importers.registry import add_versions
from generator.repo.repository import Repository, template_loader
from generator.repo.spec_files import read_spec_files
from generator.repo.worktree import find_root, write_specs
from generator.spec.values.invalid_value import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.cli.main import Invocation
    from generator.core.finding import Finding
    from generator.importers.cube_studio import ImportResult


@click.group("import", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Make specs from another system's data."""


@new_command("cube-studio")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--environment",
    "environments",
    multiple=True,
    shell_complete=completion.environments,
    help="Deploy every service in this environment; may be repeated.",
)
@click.option("--owner", help="The user whose folder a (pvc) volume mounts; also replaces {{creator}}.")
@click.option(
    "--regenerate", is_flag=True, help="Leave out the commands that cube-studio generated; servegen generates its own."
)
@click.option("--force", is_flag=True, help="Overwrite existing specs.")
@click.option(
    "renames",
    "--rename",
    multiple=True,
    metavar="OLD=NEW",
    help="The name to write for a model or a project, such as one without Latin letters; may be repeated.",
)
@dry_run_option
@click.pass_obj
def cube_studio(
    invocation: Invocation,
    *,
    files: tuple[Path, ...],
    environments: tuple[str, ...],
    owner: str | None,
    regenerate: bool,
    force: bool,
    renames: tuple[str, ...],
    dry_run: bool,
) -> None:
    """Make specs and models from cube-studio's JSON: its start-up files, or rows of its tables.

    Commands are copied unchanged, unless --regenerate is given. Every change is printed with its reason. A row that
    cannot be imported is reported and the exit code is 1; all others are written. So are secrets in clear text, with a
    finding for each.

    \b
    Example:
      servegen import cube-studio init-inference.json --environment test --environment prod
    """
    root = find_root(invocation.folder) if dry_run else lock_repository(invocation.folder)
    _known_environments(root, environments)
    types = template_loader(root).folders("servers")
    options = ImportOptions(environments, owner, types, regenerate, _renames(renames))
    left_behind: list[Note] = []
    made: dict[str, bytes] = {}
    for file in files:
        imported = convert(_json(file), options)
        texts, refused = _texts(_Existing(root, made), imported, force=force)
        if not dry_run:
            write_specs(root, texts, {file: (root / file).read_bytes() for file in texts if (root / file).exists()})
        _print_result(imported, texts, dry_run=dry_run)
        left_behind += _placed([*imported.refused, *refused], file)
        made |= texts
    findings = _find_mistakes(root, made)
    if dry_run:
        echo(DRY_RUN)
    elif made:
        echo("next: grant in services/platform.yaml what `servegen doctor --grants` prints, then servegen render")
    refuse(left_behind)
    if has_errors(findings):
        raise ErrorsFoundError("")


command.add_command(cube_studio)
command.add_command(mlflow)


def _known_environments(root: Path, environments: tuple[str, ...]) -> None:
    if environments:
        fleet = Repository.open(root).fleet
        for name in environments:
            find_environment(fleet, name)


def _renames(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return the new names by the old ones. Raises UsageError if a pair is none, or a new name is no name of a file."""
    out = {}
    for pair in pairs:
        old, _, new = pair.rpartition("=")
        if not old or slug(new, "") != new or not re.search("[a-z]", new):
            expected = "an old name and a new one of lower-case letters, digits and dashes"
            raise UsageError(f"--rename: found {quote(pair)}, expected {expected}", hint="for example 排序=rank")
        out[old] = new
    return out


def _placed(notes: list[Note], file: Path) -> list[Note]:
    """Return the notes with the file and the line of their rows, where the row's key is first written."""
    text = file.read_text(encoding="utf-8")
    return [replace(note, row=f"{file.name}:{_line(text, note.row)}: {note.row}") for note in notes]


def _line(text: str, key: str) -> int:
    at = [text.find(json.dumps(key, ensure_ascii=escaped)) for escaped in (False, True)]
    return text.count("\n", 0, max(0, *at)) + 1


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(f"{file} is not JSON: {error}") from None
    except RecursionError:
        raise UsageError(f"{file} is nested too deeply", hint="export the tables again") from None


class _Existing(Struct, frozen=True):
    """The files of the work tree, and those that this import has made before."""

    root: Path
    made: dict[str, bytes]

    def content(self, file: str) -> bytes | None:
        path = self.root / file
        return self.made[file] if file in self.made else path.read_bytes() if path.exists() else None


def _texts(existing: _Existing, imported: ImportResult, *, force: bool) -> tuple[dict[str, bytes], list[Note]]:
    """Return the files to write, and notes about what was refused.

    A service or version is refused if it differs from an existing one, unless `force` is set; a second row for one file
    is always refused.
    """
    texts: dict[str, bytes] = {}
    refused: list[Note] = []
    for service in imported.services:
        file = f"services/{service.project}/{service.app}/{service.name}.yaml"
        text = service_text(service.keys).encode()
        if file in texts:
            refused.append(Note(service.row.key, "name", f"another row makes {file} too; one of them is left out"))
        elif existing.content(file) not in (None, text) and not force:
            refused.append(Note(service.row.key, "name", f"{file} already exists; use --force to overwrite it"))
        else:
            texts[file] = text
    for project, title in imported.projects.items():
        file = f"services/{project}/project.yaml"
        if existing.content(file) is None:
            texts[file] = project_text({"title": title}).encode()
    for (project, model), versions in imported.versions.items():
        file = f"services/{project}/models/{model}.yaml"
        texts[file], conflicts = add_versions(existing.content(file), file, model, versions, force=force)
        refused += conflicts
    return dict(sorted(texts.items())), refused


def _find_mistakes(root: Path, files: Mapping[str, bytes]) -> list[Finding]:
    """Print and return the findings about these files as they are written: mistakes, and secrets in clear text."""
    specs = {**read_spec_files(root).contents, **files}
    found = [*check_files(specs), *read_specs(files)[1]]
    findings = sort_findings(finding for finding in found if finding.position.file in files)
    show(findings, specs)
    return findings


def _print_result(imported: ImportResult, files: Iterable[str], *, dry_run: bool) -> None:
    for file in files:
        echo(f"{'would write' if dry_run else 'wrote'} {file}")
    print_notes("Changes, with reasons", imported.notes)
    moved = warnings(imported.services)
    if moved:
        echo("\nWhat the migration breaks:")
    for warning in moved:
        echo(f"  - {warning}")
