"""The `servegen explain` command: pages of checks and keys, and where rendered values come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from generator.cli import explain_completion
from generator.cli.common import command as new_command
from generator.cli.terminal import echo
from generator.core.errors import UsageError
from generator.core.regex import regex

if TYPE_CHECKING:
    from pathlib import Path

    from generator.cli.main import Invocation

_ID: Final = regex(r"[A-Za-z][0-9]{2}\Z")
_DEFAULTS: Final = "defaults.yaml"
_FORMATS: Final = ("text", "json")
_RENDERED: Final = "rendered"


@new_command("explain")
@click.argument("what", shell_complete=explain_completion.targets)
@click.argument("kind", required=False, shell_complete=explain_completion.kinds)
@click.argument("field", required=False, shell_complete=explain_completion.fields)
@click.option(
    "--reverse",
    is_flag=True,
    help="WHAT is a line of a spec, as FILE:KEY or FILE:LINE: print what is rendered from it, by rendering with other "
    "values. FILE:KEY=VALUE tries one.",
)
@click.option("--output", type=click.Choice(_FORMATS), default="text", show_default=True, help="The output format.")
@click.pass_obj
def command(
    invocation: Invocation, *, what: str, kind: str | None, field: str | None, reverse: bool, output: str
) -> None:
    """Print where a rendered value comes from, or the manual page of a check or of a key of the spec files.

    WHAT is the id at the end of a finding; a key, with dots between the levels; a service in an environment, or in its
    base; an environment, for what its cluster and its delivery have once; a file below rendered/, or a line of it. KIND
    may have a name, as in ConfigMap/servegen-resnet50. FIELD is a value, or what holds several. Without KIND the
    objects are listed.

    \b
    Examples:
      servegen explain H02
      servegen explain replicas
      servegen explain prod/resnet50-202208014 Deployment spec.template.spec.containers[main].image
      servegen explain prod Namespace/vision-prod metadata.labels
      servegen explain rendered/vision/resnet50/base/resnet50-202208014/resources.yaml:31
      servegen explain --reverse services/platform.yaml:clusters.main.domain
    """
    if reverse:
        from generator.cli.explain_reverse import explain_reverse

        explain_reverse(invocation.folder, what, output)
        return
    if kind is None and "/" not in what:
        echo(_check_page(what.upper()) if _ID.match(what) else _key_page(invocation.folder, what))
        return
    from generator.cli.explain_value import explain_values, list_objects

    if kind is None and output == "text" and not what.startswith(f"{_RENDERED}/"):
        list_objects(invocation.folder, what)
    else:
        explain_values(invocation.folder, what, kind or "", field or "", output)


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
