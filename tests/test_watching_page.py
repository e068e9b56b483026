"""docs/watching.md: its tables of alerts and signals are what the files of templates/ say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.spec.catalog import Catalog
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = ROOT / "docs" / "watching.md"
CATALOG: Final = Catalog(TemplateLoader((templates_root(),)))


def test_the_tables_are_up_to_date(rewrite: bool) -> None:
    page = PAGE.read_text(encoding="utf-8")
    made = _filled(_filled(page, "alerts", _rows()), "signals", _signals())
    if rewrite:
        PAGE.write_text(made, encoding="utf-8")
    assert made == PAGE.read_text(encoding="utf-8")


def _filled(page: str, name: str, rows: Iterator[str]) -> str:
    table = "\n".join(rows)
    place = re.compile(rf"(<!-- {name} -->\n)(.*?)(<!-- end -->\n)", re.DOTALL)
    return place.sub(lambda match: f"{match[1]}\n{table}\n\n{match[3]}", page)


def _signals() -> Iterator[str]:
    yield "| type | signals |"
    yield "|---|---|"
    for name, (server, _) in sorted(CATALOG.servers.items()):
        signals = [*server.signals, *(["queue"] if server.queue is not None else [])]
        yield f"| `{name}` | {', '.join(signals) or 'none'} |"


def _rows() -> Iterator[str]:
    yield "| alert | severity | fires |"
    yield "|---|---|---|"
    for _, file in sorted(CATALOG.alerts.items()):
        for name, alert in file.alerts.items():
            after = f"after {alert.lasts // 60} minutes" if alert.lasts >= 120 else "after a minute"
            yield f"| `Servegen{name}` | {alert.severity} | {after}: {_readable(alert.summary)} |"


def _readable(summary: str) -> str:
    return re.sub(r"\{\{ \$labels\.(\w+) \}\}", r"`\1`", summary)
