"""docs/layers.md: its table has the keys that merge, as the fields of the settings declare it."""

from __future__ import annotations

import re
from typing import Final

from generator.spec.base import fields_of
from generator.spec.keys import describe_merge
from generator.spec.settings import Settings
from tests.conftest import ROOT

PAGE: Final = ROOT / "docs" / "layers.md"
TABLE: Final = re.compile(r"(<!-- merged -->\n)(.*?)(<!-- end -->\n)", re.DOTALL)


def test_the_table_has_the_keys_that_merge(rewrite: bool) -> None:
    rules = {key: rule for key, field in fields_of(Settings).items() if (rule := describe_merge(field))}
    rows = "".join(f"| `{key}` | {rule} |\n" for key, rule in sorted(rules.items()))
    page = PAGE.read_text(encoding="utf-8")
    made = TABLE.sub(lambda match: f"{match[1]}\n| key | rule |\n|---|---|\n{rows}\n{match[3]}", page)
    if rewrite:
        PAGE.write_text(made, encoding="utf-8")
    assert made == PAGE.read_text(encoding="utf-8")
