"""The `servegen path` command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from generator.cli import completion
from generator.cli.common import command as new_command
from generator.cli.common import show_and_stop
from generator.cli.terminal import echo
from generator.core.errors import UsageError
from generator.fleet.load import read_specs
from generator.fleet.lookup import find_model, find_version
from generator.repo import worktree
from generator.repo.spec_files import read_spec_files
from generator.spec.values.text import closest, list_few

if TYPE_CHECKING:
    from pathlib import Path

    from generator.cli.main import Invocation
    from generator.fleet.lookup import Registry
    from generator.spec.values.model_path import ModelPath


@new_command("path")
@click.argument("model", shell_complete=completion.models)
@click.argument("version", shell_complete=completion.versions)
@click.argument("submodel", required=False)
@click.option(
    "--project",
    shell_complete=completion.projects,
    help="The project of the model, if several have a model with that name.",
)
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def command(
    invocation: Invocation, *, model: str, version: str, submodel: str | None, project: str | None, output: str
) -> None:
    """Print the path of a version of MODEL (its name, or project/name), a line end, and nothing else.

    For use in a download step: for an unknown name, the exit code is 2 and the output is empty. With --output json, a
    model with several sub-models prints the mapping of all of them.

    \b
    Examples:
      servegen path detector v2026.11.1
      servegen path vision/detector v2026.11.1 encoder
    """
    models = _models(worktree.find_root(invocation.folder))
    path = find_version(find_model(models, model, project), version).path
    if output == "json":
        echo(json.dumps(_part(path, submodel) if submodel is not None else path, ensure_ascii=False))
    else:
        echo(_single(path, f"{model} {version}") if submodel is None else _part(path, submodel))


def _models(root: Path) -> Registry:
    """Return the registry, read without the services, so that an error in a service does not prevent a download.

    Raises ErrorsFoundError if the registry has errors.
    """
    found = read_spec_files(root)
    sources = {file: raw for file, raw in found.contents.items() if _is_model(file)}
    specs, findings = read_specs(sources)
    unread = [finding for finding in found.findings if _is_model(finding.position.file)]
    show_and_stop([*unread, *findings], sources)
    return specs.models


def _is_model(file: str) -> bool:
    """Whether a path is that of a registry file, or of a folder in which registry files are."""
    return file.split("/")[2:3] in ([], ["models"])


def _single(path: ModelPath, name: str) -> str:
    if isinstance(path, dict):
        raise UsageError(f"{name} has several sub-models", hint=f"use one of {list_few(path)}")
    if not path:
        raise UsageError(f"the registry has no path for {name}", hint="add `path` to its registry file")
    return path


def _part(path: ModelPath, submodel: str) -> str:
    if not isinstance(path, dict):
        raise UsageError(f"it has one path and no sub-model {submodel}", hint="remove the last argument")
    if submodel not in path:
        hint = closest(submodel, path) or f"its sub-models: {list_few(path)}"
        raise UsageError(f"there is no sub-model {submodel}", hint=hint)
    return path[submodel]
