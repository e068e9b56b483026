"""docs/watching.md: its table of alerts is what the files of templates/alerts/ say."""

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
TABLE: Final = re.compile(r"(<!-- alerts -->\n)(.*?)(<!-- end -->\n)", re.DOTALL)


def test_the_table_is_up_to_date(rewrite: bool) -> None:
    page = PAGE.read_text(encoding="utf-8")
    table = "\n".join(_rows())
    made = TABLE.sub(lambda match: f"{match[1]}\n{table}\n\n{match[3]}", page)
    if rewrite:
        PAGE.write_text(made, encoding="utf-8")
    assert made == PAGE.read_text(encoding="utf-8")


def _rows() -> Iterator[str]:
    yield "| alert | severity | fires |"
    yield "|---|---|---|"
    for _, file in sorted(Catalog(TemplateLoader((templates_root(),))).alerts.items()):
        for name, alert in file.alerts.items():
            after = f"after {alert.lasts // 60} minutes" if alert.lasts >= 120 else "after a minute"
            yield f"| `Servegen{name}` | {alert.severity} | {after}: {_readable(alert.summary)} |"


def _readable(summary: str) -> str:
    return re.sub(r"\{\{ \$labels\.(\w+) \}\}", r"`\1`", summary)
