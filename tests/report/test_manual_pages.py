"""Findings lead to the page of their id, where the platform file says where the documentation is."""

from __future__ import annotations

import json

import pytest

from generator.core.finding import Finding, Position
from generator.report import FORMATS
from generator.report.manual_pages import documentation, page_of
from generator.report.rules import rule_ids
from tests.conftest import ROOT

PLATFORM = "services/platform.yaml"
FOUND = [Finding("H01", "found x", Position("services/p/a/m-1.yaml", 1, 1))]
URL = "https://docs.example.com/servegen/docs/reference/checks.html#h01"


@pytest.mark.parametrize(
    ("platform", "base"),
    [
        (b"documentation: https://docs.example.com/servegen\n", "https://docs.example.com/servegen/"),
        (b"documentation: javascript:alert(1)\n", ""),
        (b"documentation: [https://docs.example.com]\n", ""),
        (b"documentation: https://docs.example.com\nclusters: {\n", ""),
        (b"- a list\n", ""),
        (b"servegen: ~=1.0\n", ""),
    ],
)
def test_the_platform_file_says_where_the_documentation_is(platform: bytes, base: str) -> None:
    assert documentation({PLATFORM: platform}) == base
    assert documentation({f"ml/{PLATFORM}": platform}) == base


def test_without_a_platform_file_there_is_no_address() -> None:
    assert documentation({}) == ""
    assert documentation({"services/my-platform.yaml": b"documentation: https://docs.example.com\n"}) == ""


@pytest.mark.parametrize("output", FORMATS)
def test_each_format_with_room_for_it_has_the_address(output: str) -> None:
    sources = {PLATFORM: b"documentation: https://docs.example.com/servegen/\n"}
    text = FORMATS[output](FOUND, sources, "ml/")
    assert (URL in text) == (output in ("json", "github", "gitlab", "sarif"))
    assert "docs.example.com" not in FORMATS[output](FOUND, {})


def test_json_has_the_page_below_the_documentation_if_nobody_says_where_that_is() -> None:
    assert json.loads(FORMATS["json"](FOUND, {}))[0]["page"] == "docs/reference/checks.html#h01"


def test_each_id_has_a_heading_on_the_page() -> None:
    page = (ROOT / "docs" / "reference" / "checks.md").read_text(encoding="utf-8")
    assert [id for id in rule_ids() if f"\n### {id}\n" not in page] == []
    assert page_of("H01", "https://docs.example.com/servegen/") == URL
