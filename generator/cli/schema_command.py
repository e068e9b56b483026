"""The `servegen schema` command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import click

from generator.cli.common import command as new_command
from generator.cli.terminal import echo
from generator.core.errors import OutOfDateError, RefusedError, UsageError
from generator.repo.repository import Repository, template_loader
from generator.repo.worktree import find_root
from generator.spec.catalog import Catalog
from generator.spec.keys import Extension
from generator.spec.schema import KINDS, schema

if TYPE_CHECKING:
    from pathlib import Path

    from generator.cli.main import Invocation
    from generator.core.template_loader import TemplateLoader

FOLDER: Final = "services/.schema"


@new_command("schema")
@click.argument("kind", type=click.Choice(["platform", "project", "model", "service"]), required=False)
@click.option("--write", is_flag=True, help=f"Write all four to {FOLDER}/, to which the first lines of specs refer.")
@click.option("--check", is_flag=True, help=f"Exit 4 if {FOLDER}/ is out of date.")
@click.pass_obj
def command(invocation: Invocation, *, kind: str | None, write: bool, check: bool) -> None:
    """Print or write the JSON Schemas of the spec files, with this repository's environments and servers.

    \b
    Examples:
      servegen schema service
      servegen schema --write
    """
    if sum((kind is not None, write, check)) != 1:
        raise UsageError("found no kind, --write or --check", hint="for example `servegen schema --write`")
    schemas = texts(invocation.folder)
    if kind is not None:
        echo(schemas[kind], nl=False)
        return
    folder = find_root(invocation.folder) / FOLDER
    stale = [name for name, text in schemas.items() if _content(folder / f"{name}.json") != text]
    if check and stale:
        raise OutOfDateError(f"{FOLDER}/ is out of date: {', '.join(stale)}", hint="run `servegen schema --write`")
    if write:
        folder.mkdir(parents=True, exist_ok=True)
        for name in stale:
            (folder / f"{name}.json").write_text(schemas[name], encoding="utf-8")
        echo(f"{len(schemas)} schemas in {FOLDER}/, {len(stale)} written")


def _content(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def texts(folder: Path) -> dict[str, str]:
    """Return the text of the four schema files, by kind."""
    names = _names(folder)
    return {kind: json.dumps(schema(kind, **names), ensure_ascii=False, indent=2) + "\n" for kind in KINDS}


def _names(folder: Path) -> dict[str, Any]:
    """Return the names that specs may use here; outside a repository, only those of the shipped catalog."""
    try:
        repository = Repository.open(folder)
    except UsageError:
        return _shipped_names(template_loader(folder))
    names = _shipped_names(repository.templates)
    try:
        fleet = repository.fleet
    except RefusedError:
        return names
    # The cards of the platform's clusters if it names any, else the whole catalog.
    cards = sorted({card for cluster in fleet.platform.clusters.values() for card in cluster.gpu.cards or ()})
    return {**names, "environments": list(fleet.environments), "cards": cards or names["catalogue"]}


def _shipped_names(loader: TemplateLoader) -> dict[str, Any]:
    catalog = Catalog(loader)
    return {
        "extensions": {kind: catalog.names(kind) for kind in Extension},
        "catalogue": list(catalog.cards),
        "servers": {name: server.options for name, (server, _) in catalog.servers.items()},
    }
