"""The `servegen explain` command."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import click

from generator.cli.common import command as new_command
from generator.cli.terminal import echo
from generator.core.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from generator.cli.main import Invocation

_ID: Final = re.compile(r"[A-Za-z][0-9]{2}\Z")
_DEFAULTS: Final = "defaults.yaml"


def _words(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    del ctx, param
    from generator.report.key_pages import key_names
    from generator.report.rules import rule_ids

    return [word for word in (*rule_ids(), *key_names()) if word.startswith(incomplete)]


@new_command("explain")
@click.argument("what", shell_complete=_words)
@click.pass_obj
def command(invocation: Invocation, *, what: str) -> None:
    """Print the manual page of a check, or of a key of the spec files.

    WHAT is the id at the end of a finding, or a key, with dots between the levels.

    \b
    Examples:
      servegen explain H02
      servegen explain replicas
      servegen explain clusters.gpu.backend
    """
    echo(_check_page(what.upper()) if _ID.match(what) else _key_page(invocation.folder, what))


def _check_page(id: str) -> str:
    from generator.report.rules import rule, rule_ids
    from generator.spec.values.text import closest

    if id not in rule_ids():
        hint = closest(id, rule_ids()) or f"the ids are {rule_ids()[0]} to {rule_ids()[-1]}"
        raise UsageError(f"there is no check {id}", hint=hint)
    return f"{id}\n\n{rule(id).page}"


def _key_page(folder: Path, path: str) -> str:
    from generator.report.key_pages import key_names, page
    from generator.spec.values.text import closest

    text = page(path, _default(folder, path))
    if not text:
        hint = closest(path, key_names()) or "`servegen schema service` prints all keys of a service"
        raise UsageError(f"there is no key {path}", hint=hint)
    return text


def _default(folder: Path, path: str) -> str:
    """Return the default of a service's key as it is written in templates/, empty if it has none."""
    from generator.core import yaml
    from generator.repo.repository import template_loader
    from generator.repo.worktree import find_root

    try:
        root = find_root(folder)
    except UsageError:
        root = folder
    document, _ = yaml.read(template_loader(root).content(_DEFAULTS), f"templates/{_DEFAULTS}")
    value = document.data if document is not None else None
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return str(value) if isinstance(value, (str, int)) else ""
