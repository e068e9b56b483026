"""The `servegen import` command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from generator.checks.files import check_files
from generator.cli.common import command as new_command
from generator.cli.common import show
from generator.cli.import_mlflow import mlflow
from generator.cli.locked import lock_repository
from generator.cli.notes import print_notes, refuse
from generator.cli.terminal import echo
from generator.core.errors import ErrorsFoundError, UsageError
from generator.core.finding import has_errors, sort_findings
from generator.edit.spec_text import project_text, service_text
from generator.fleet.lookup import find_environment
from generator.importers.columns import ImportOptions
from generator.importers.cube_studio import convert
from generator.importers.move import warnings
from generator.importers.note import Note
from generator.importers.registry import add_versions
from generator.repo.repository import Repository, template_loader
from generator.repo.spec_files import read_spec_files
from generator.repo.worktree import write_specs

if TYPE_CHECKING:
    from collections.abc import Collection

    from generator.cli.main import Invocation
    from generator.core.finding import Finding
    from generator.importers.cube_studio import ImportResult


@click.group("import", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Make specs from another system's data."""


@new_command("cube-studio")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--environment", "environments", multiple=True, help="Deploy every service in this environment; may be repeated."
)
@click.option("--owner", help="The user whose folder a (pvc) volume mounts; also replaces {{creator}}.")
@click.option(
    "--regenerate", is_flag=True, help="Leave out the commands that cube-studio generated; servegen generates its own."
)
@click.option("--force", is_flag=True, help="Overwrite existing specs.")
@click.pass_obj
def cube_studio(
    invocation: Invocation,
    *,
    files: tuple[Path, ...],
    environments: tuple[str, ...],
    owner: str | None,
    regenerate: bool,
    force: bool,
) -> None:
    """Make specs and models from cube-studio's JSON: its start-up files, or rows of its tables.

    Commands are copied unchanged, unless --regenerate is given. Every change is printed with its reason. A row that
    cannot be imported is reported and the exit code is 1; all others are written. So are secrets in clear text, with a
    finding for each.

    \b
    Example:
      servegen import cube-studio init-inference.json --environment test --environment prod
    """
    root = lock_repository(invocation.folder)
    _known_environments(root, environments)
    options = ImportOptions(environments, owner, template_loader(root).folders("servers"), regenerate)
    left_behind: list[Note] = []
    made: list[str] = []
    for file in files:
        imported = convert(_json(file), options)
        written, refused = _write(root, imported, force=force)
        _print_result(imported, written)
        left_behind += [*imported.refused, *refused]
        made += written
    findings = _find_secrets(root, made)
    if made:
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


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(f"{file} is not JSON: {error}") from None
    except RecursionError:
        raise UsageError(f"{file} is nested too deeply", hint="export the tables again") from None


def _write(root: Path, imported: ImportResult, *, force: bool) -> tuple[list[str], list[Note]]:
    """Write the files, and return their names and notes about what was refused.

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
        elif (root / file).exists() and (root / file).read_bytes() != text and not force:
            refused.append(Note(service.row.key, "name", f"{file} already exists; use --force to overwrite it"))
        else:
            texts[file] = text
    for project, title in imported.projects.items():
        file = f"services/{project}/project.yaml"
        if not (root / file).exists():
            texts[file] = project_text({"title": title}).encode()
    for (project, model), versions in imported.versions.items():
        file = f"services/{project}/models/{model}.yaml"
        existing = (root / file).read_bytes() if (root / file).exists() else None
        texts[file], conflicts = add_versions(existing, file, model, versions, force=force)
        refused += conflicts
    texts = dict(sorted(texts.items()))
    write_specs(root, texts, {file: (root / file).read_bytes() for file in texts if (root / file).exists()})
    return list(texts), refused


def _find_secrets(root: Path, files: Collection[str]) -> list[Finding]:
    """Print and return the findings about these files as they are written, such as secrets in clear text."""
    specs = read_spec_files(root).contents
    findings = sort_findings(finding for finding in check_files(specs) if finding.position.file in files)
    show(findings, specs)
    return findings


def _print_result(imported: ImportResult, written: list[str]) -> None:
    for file in written:
        echo(f"wrote {file}")
    print_notes("Changes, with reasons", imported.notes)
    moved = warnings(imported.services)
    if moved:
        echo("\nWhat the migration breaks:")
    for warning in moved:
        echo(f"  - {warning}")
