"""docs/grants.md: its list of fields and its table of keys are those of the code."""

from __future__ import annotations

import re
from typing import Final

from generator.checks.grants.a08_fields import FREE_FIELDS
from generator.spec.base import fields_of
from generator.spec.grants import Grant
from tests.conftest import ROOT

PAGE: Final = ROOT / "docs" / "grants.md"
FIELDS: Final = re.compile(r"(<!-- fields -->\n)(.*?)(<!-- end -->\n)", re.DOTALL)


def test_the_fields_are_those_that_patches_may_change(rewrite: bool) -> None:
    fields = "".join(f"- `{field}`\n" for field in FREE_FIELDS)
    page = PAGE.read_text(encoding="utf-8")
    made = FIELDS.sub(lambda match: f"{match[1]}\n{fields}\n{match[3]}", page)
    if rewrite:
        PAGE.write_text(made, encoding="utf-8")
    assert made == PAGE.read_text(encoding="utf-8")


def test_the_table_has_every_key() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [key for row in rows for key in re.findall(r"`(\w+)`", row)] == list(fields_of(Grant))
