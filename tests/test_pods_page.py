"""docs/pods.md: its specs render, and its table is what the model servers' own files say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.spec.catalog import Catalog
from generator.spec.values.writable import DEFAULT_SIZE
from tests.conftest import ROOT
from tests.support.clones import write
from tests.support.command import servegen
from tests.test_servers_page import RECIPE

if TYPE_CHECKING:
    from pathlib import Path

PAGE: Final = ROOT / "docs" / "pods.md"
TABLE: Final = re.compile(r"(<!-- servers -->\n)(.*?)(<!-- end -->\n)", re.DOTALL)
CLUSTER: Final = re.compile(r"```yaml\n(clusters:\n.*?)```\n", re.DOTALL)


def test_the_specs_render_and_what_may_be_root_is_a_warning(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    specs = dict(RECIPE.findall(page))
    assert len(specs) == 4
    (clusters,) = CLUSTER.findall(page)
    facts = "    domain: example.com\n    gateways: {'80': istio-ingress/serving}\n    sidecars: {cni: true}\n"
    environments = """\
environments:
  test: {cluster: main, stage: test}
  open: {cluster: main, stage: test, pod_security: baseline}
"""
    platform = f"servegen: ~=1.0\n{clusters}{environments}".replace("  main:\n", f"  main:\n{facts}", 1)
    write(tmp_path, {"services/platform.yaml": platform, **specs})
    done = servegen(tmp_path, "render")
    assert done.returncode == 0, done.stderr
    assert re.findall(r"\S+: (\w+): .*\[(\w+)\]", done.stderr) == [("warning", "Q06")]
    assert "labeller-1.yaml" in done.stderr


def test_the_table_is_up_to_date(rewrite: bool) -> None:
    page = PAGE.read_text(encoding="utf-8")
    table = "\n".join(_rows())
    made = TABLE.sub(lambda match: f"{match[1]}{table}\n{match[3]}", page)
    if rewrite:
        PAGE.write_text(made, encoding="utf-8")
    assert made == PAGE.read_text(encoding="utf-8")


def _rows() -> Iterator[str]:
    yield "| type | user | folders |"
    yield "|---|---|---|"
    catalog = Catalog(TemplateLoader((templates_root(),)))
    servers = {name: server for name, (server, _) in catalog.servers.items()}
    for name, server in sorted(servers.items()):
        of = servers[server.preset] if server.preset is not None else server
        own = of.defaults
        folders = {"/tmp": DEFAULT_SIZE, **((own.writable if own is not None else None) or {})}
        user = own.user if own is not None and own.user is not None else 1000
        yield f"| `{name}` | {user} | {', '.join(f'`{path}` {size}' for path, size in folders.items())} |"
