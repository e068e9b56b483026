"""The `servegen import mlflow` command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli import completion
from generator.cli.common import command as new_command
from generator.cli.common import show
from generator.cli.dry_run import DRY_RUN, dry_run_option
from generator.cli.edit import open_repository
from generator.cli.notes import print_notes, refuse
from generator.cli.terminal import echo
from generator.core.errors import UsageError
from generator.core.finding import Finding
from generator.edit.register import registry_file
from generator.importers.mlflow import (
    MlflowOptions,
    VersionFilter,
    carry_over,
    check_aliases,
    choose_models,
    split_importable,
    split_usable,
)
from generator.importers.mlflow_store import open_store
from generator.importers.registrations import additions
from generator.repo import worktree
from generator.repo.edits import prepare_edit
from generator.repo.repository import template_loader
from generator.spec.catalog import Catalog
from generator.spec.files import spec_path
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.scalars import seconds

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from generator.cli.main import Invocation
    from generator.importers.mlflow import DescribedVersion, MlflowImport
    from generator.importers.mlflow_store import Store
    from generator.importers.note import Note
    from generator.importers.registrations import Additions

_STAGES = ("None", "Staging", "Production", "Archived")


@new_command("mlflow")
@click.argument("uri", envvar="MLFLOW_TRACKING_URI")
@click.option(
    "--project", required=True, shell_complete=completion.projects, help="The project for them: a folder in services/."
)
@click.option("--model", "models", multiple=True, help="Only this registered model; may be repeated.")
@click.option("--alias", "aliases", multiple=True, help="Only versions with this alias; may be repeated.")
@click.option(
    "--stage",
    "stages",
    multiple=True,
    type=click.Choice(_STAGES, case_sensitive=False),
    help="Only versions in this stage; may be repeated.",
)
@click.option("--framework", help="The framework of versions whose flavors do not determine it.")
@click.option(
    "--timeout", default="30m", show_default=True, metavar="TIME", help="The time that the server has for all answers."
)
@dry_run_option
@click.pass_obj
def mlflow(
    invocation: Invocation,
    *,
    uri: str,
    project: str,
    models: tuple[str, ...],
    aliases: tuple[str, ...],
    stages: tuple[str, ...],
    framework: str | None,
    timeout: str,
    dry_run: bool,
) -> None:
    """Import registered model versions from an MLflow tracking server or store into the registry.

    URI is an address, a database or a folder, by default MLFLOW_TRACKING_URI; needs the package mlflow (pip install
    'servegen[mlflow]'). Only descriptions are read: no weights are fetched, and MLflow's data is not changed.

    A version that is already registered is not changed, so the command can be repeated. Every change is printed with
    its reason. If a version cannot be imported, the exit code is 1; all others are written.

    \b
    Examples:
      servegen import mlflow https://mlflow.example.com --project vision --alias champion
      servegen import mlflow sqlite:///mlflow.db --project vision --model digits --dry-run
    """
    root = worktree.find_root(invocation.folder)
    _legal(project)
    limit = _seconds(timeout)
    options = MlflowOptions(project, framework, Catalog(template_loader(root)).frameworks)
    with open_store(uri, limit) as store:
        described, notes, refused = _asked(store, models, VersionFilter(aliases, stages), options)
    versions, pathless = carry_over(described, options)
    done = _registered(root, versions, complete=framework is not None, dry_run=dry_run)
    _print_result(done, project, dry_run=dry_run)
    print_notes("Changes, with reasons", [*notes, *done.notes])
    print_notes("Different values in the registry, which are kept", done.differences)
    refuse([*refused, *pathless, *done.refused])


def _legal(project: str) -> None:
    where = spec_path(registry_file(project, "m"))
    if isinstance(where, Finding):
        raise UsageError(where.message, hint=where.hint)


def _seconds(timeout: str) -> int:
    try:
        return seconds(timeout)
    except InvalidValueError as mistake:
        raise UsageError(f"--timeout: {mistake}", hint=mistake.hint or "for example 90s, 15m or 1h") from None


def _asked(
    store: Store, names: Iterable[str], wanted: VersionFilter, options: MlflowOptions
) -> tuple[list[DescribedVersion], list[Note], list[Note]]:
    """Return the requested versions, notes about versions that are left out, and what cannot be imported."""
    found = choose_models(store.models(), names)
    check_aliases(found, wanted.aliases)
    listed = {model.name: [v for v in store.versions(model) if wanted.takes(v)] for model in found}
    taken, refused = split_importable([model for model in found if listed[model.name]], options)
    usable, notes = split_usable([version for model in taken for version in listed[model.name]])
    return [store.describe(version) for version in usable], notes, refused


def _registered(root: Path, versions: Iterable[MlflowImport], *, complete: bool, dry_run: bool) -> Additions:
    """Add the versions to the registry, after the same checks as `register`."""
    repository = open_repository(root, dry_run=dry_run)
    done = additions(versions, repository.specs, repository.fleet, complete=complete)
    if done.files:
        edit = prepare_edit(repository, done.files).require_no_errors()
        show(edit.findings, edit.after.specs)
        if not dry_run:
            edit.write()
    return done


def _print_result(done: Additions, project: str, *, dry_run: bool) -> None:
    for file, versions in done.added.items():
        echo(f"{'would write' if dry_run else 'wrote'} {file}: {', '.join(versions)}")
    if done.there:
        echo(f"{done.there} {'version is' if done.there == 1 else 'versions are'} already registered")
    elif not done.added:
        echo("MLflow has no version to import")
    if dry_run:
        echo(DRY_RUN)
    elif done.added:
        echo(f"next: servegen list models --project {project}, then servegen publish MODEL VERSION")
