"""The pages of docs/reference/, written from the source: every check, every key, every command."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Final

import click

from generator.cli.main import cli
from generator.core import yaml
from generator.core.paths import templates_root
from generator.report.key_pages import all_keys
from generator.report.rules import rule, rule_ids
from generator.spec.base import fields_of
from generator.spec.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from generator.report.key_pages import Key

_FAMILIES: Final = {
    "A": "Grants: what a project may use",
    "C": "Containers and model servers",
    "D": "Delivery",
    "F": "Files, and what a change leaves behind",
    "G": "GPU cards",
    "H": "Hosts and routes",
    "K": "Keys and values",
    "L": "Secrets",
    "M": "Layers and lists",
    "N": "Names and labels",
    "O": "Rules of the API server",
    "P": "Ports and external addresses",
    "Q": "Quota, priorities, Pod Security",
    "R": "Capacity",
    "S": "Scaling and updates",
    "T": "Own templates",
    "U": "Alerts and objectives",
    "V": "Schemas",
    "W": "Waivers",
    "Y": "YAML",
}
_FILES: Final = {
    "platform": "services/platform.yaml",
    "project": "services/&lt;project&gt;/project.yaml",
    "model": "services/&lt;project&gt;/models/&lt;model&gt;.yaml",
    "service": "services/&lt;project&gt;/&lt;app&gt;/&lt;service&gt;.yaml",
}
_PLACES: Final = """\
`defaults` of the platform file, of a cluster, of an environment, of the project file, of `environments.<name>` there,
of a model's version; a service; `environments.<name>` of a service."""
_WIDTHS: Final = {"terminal_width": 100, "max_content_width": 100}
_BLOCK: Final = re.compile(r"(?m)(?:^ {4}.*\n?|^\n(?= {4}))+")


def checks() -> str:
    """Return the page of all checks, by family."""
    lines = ["# Checks", "", "Every finding ends with an id. `servegen explain H02` prints the same text.", ""]
    for letter, title in _FAMILIES.items():
        ids = [id for id in rule_ids() if id.startswith(letter)]
        lines += [f"## {letter}: {title}", ""] if ids else []
        for id in ids:
            lines += [f"### {id}", "", _fenced(rule(id).page), ""]
    return "\n".join(lines)


def families() -> set[str]:
    """Return the letters that the page of checks has a heading for."""
    return set(_FAMILIES)


def keys() -> str:
    """Return the page of all keys, by kind of file; the settings that many places share are listed once."""
    settings = set(fields_of(Settings))
    lines = [
        "# Keys",
        "",
        "Names that you choose are written as `<name>`. `servegen explain replicas` prints one key.",
        "",
    ]
    lines += ["## Settings", "", "They can be set in each of these places; a later one replaces an earlier one:", ""]
    lines += [_PLACES, ""]
    lines += _table((key for key in all_keys() if key.kind == "service" and key.path[0] in settings), _first_layer())
    for kind, file in _FILES.items():
        lines += ["", f"## {file}", "", *_table((key for key in all_keys() if _own(key, kind, settings)), {})]
    return "\n".join([*lines, ""])


def _own(key: Key, kind: str, settings: set[str]) -> bool:
    """Whether a key is one of this kind of file, and none of the shared settings."""
    shared = key.path[0] in settings if kind == "service" else "defaults" in key.path[:-1]
    nested = kind == "service" and key.path[:2] == ("environments", "<name>") and len(key.path) > 2
    return key.kind == kind and not shared and not (nested and key.path[2] in settings)


def _first_layer() -> dict[str, str]:
    """Return the defaults of settings by their dotted paths."""
    document, _ = yaml.read(templates_root().joinpath("defaults.yaml").read_bytes(), "templates/defaults.yaml")
    assert document is not None
    return dict(_leaves(document.data, ()))


def _leaves(value: object, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _leaves(below, (*path, key))
    else:
        yield ".".join(path), str(value)


def _table(found: Iterable[Key], defaults: dict[str, str]) -> list[str]:
    rows = [_row(key, defaults.get(".".join(key.path), key.default)) for key in found]
    return ["| key | type | default | what it says | for example |", "|---|---|---|---|---|", *rows]


def _row(key: Key, default: str) -> str:
    shown = default or "–" if default in ("", "required") else f"`{default}`"
    return f"| `{'.'.join(key.path)}` | {_cell(key.type)} | {shown} | {_cell(key.text)} | {_examples(key)} |"


def _examples(key: Key) -> str:
    return ", ".join(map(_code, key.examples)) or "–"


def _code(text: str) -> str:
    """Return a text as code in a cell: Markdown has no way to write a bar there that all readers show as one."""
    return f"<code>{text.replace('|', '&#124;')}</code>" if "|" in text else f"`{text}`"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def commands() -> str:
    """Return the page of all commands, with their arguments and options as `--help` prints them."""
    lines = [
        "# Commands",
        "",
        "The exit codes are in the [README](../../README.md). Each text is that of `--help`.",
        "",
    ]
    for path, command in _commands(cli, "servegen"):
        lines += [f"## {path}", "", "```text", _help(path, command), "```", ""]
    return "\n".join(lines)


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from _commands(below, f"{path} {name}")


def _help(path: str, command: click.Command) -> str:
    context = click.Context(command, info_name=path, **{**command.context_settings, **_WIDTHS})
    return command.get_help(context).rstrip()


def _fenced(page: str) -> str:
    """Return a docstring as Markdown, its indented examples as blocks of YAML."""
    return _BLOCK.sub(lambda found: f"\n```yaml\n{textwrap.dedent(found[0]).strip()}\n```\n", f"{page}\n").rstrip()


def index() -> str:
    """Return the page of the folder, which lists the others and those that tests compare with the source."""
    return """\
# Reference

These pages are written from the source, so they say what this version does.

- [Keys](keys.md): every key of every kind of spec file, with its type, default, examples and layers.
- [Checks](checks.md): every id of a finding, with a spec that passes and one that fails.
- [Commands](commands.md): every command with its options.
- [Model servers and their options](../servers.md#options)
- [The values that templates have](../templates.md)
- [The JSON of `servegen diff`](../diff.schema.json)
"""


PAGES: Final[dict[str, Callable[[], str]]] = {"README": index, "checks": checks, "keys": keys, "commands": commands}
