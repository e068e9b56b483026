"""docs/servers.md: its recipes render, and its tables are what the model servers' own files say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.spec.catalog import Catalog
from generator.spec.options import Option
from generator.spec.server import Server
from tests.conftest import ROOT
from tests.support.clones import write
from tests.support.command import servegen

PAGE: Final = ROOT / "docs" / "servers.md"
RECIPE: Final = re.compile(r"```yaml\n# (services/\S+\.yaml)\n(.*?)```\n", re.DOTALL)
TABLE: Final = re.compile(r"(<!-- (servers|options) -->\n)(.*?)(<!-- end -->\n)", re.DOTALL)


def test_the_recipes_render_without_a_finding(tmp_path: Path) -> None:
    recipes = dict(RECIPE.findall(PAGE.read_text(encoding="utf-8")))
    assert len(recipes) == 1 + 2 * 7
    write(tmp_path, recipes)
    done = servegen(tmp_path, "render")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("7 services in 1 environment: ")
    assert servegen(tmp_path, "validate", "--engine", "embedded").stderr == ""


def test_the_tables_are_up_to_date(rewrite: bool) -> None:
    servers = {name: server for name, (server, _) in Catalog(TemplateLoader((templates_root(),))).servers.items()}
    tables = {"servers": "\n".join(_servers(servers)), "options": "\n".join(_options(servers))}
    page = PAGE.read_text(encoding="utf-8")
    made = TABLE.sub(lambda match: f"{match[1]}{tables[match[2]]}\n{match[4]}", page)
    if rewrite:
        PAGE.write_text(made, encoding="utf-8")
    assert made == PAGE.read_text(encoding="utf-8")


def _servers(servers: dict[str, Server]) -> Iterator[str]:
    yield "| type | what it is | frameworks |"
    yield "|---|---|---|"
    for name, server in sorted(servers.items()):
        notice = f" {server.notice}." if server.notice else ""
        yield f"| `{name}` | {server.description.rstrip('.')}.{notice} | {', '.join(server.frameworks) or 'any'} |"


def _options(servers: dict[str, Server]) -> Iterator[str]:
    for name, server in sorted(servers.items()):
        if server.preset is not None:
            yield f"\n### {name}\n\nThose of {server.preset}."
        elif server.options:
            yield f"\n### {name}\n\n| option | values | default | meaning |\n|---|---|---|---|"
            yield from (_row(option, declared) for option, declared in server.options.items())


def _row(name: str, option: Option) -> str:
    values = ", ".join(option.choices) or option.type
    bounds = [f"from {option.min}" if option.min else "", f"to {option.max}" if option.max else ""]
    ranged = " ".join(filter(None, (values, *bounds)))
    default = "–" if option.default in (None, (), {}) else f"`{option.default}`"
    return f"| `{name}` | {ranged} | {default} | {option.description} |"
