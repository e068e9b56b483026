"""docs/reference/: the pages are what the source says, and no page links to nothing."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

from generator.report.rules import rule_ids
from tests.conftest import ROOT
from tests.support.reference_pages import PAGES, families

FOLDER: Final = ROOT / "docs" / "reference"
LINK: Final = re.compile(r"\]\(([^)#\s]+)?(#[^)\s]+)?\)")
IMAGE: Final = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
FENCE: Final = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
HEADING: Final = re.compile(r"^#+ (.*)$", re.MULTILINE)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_up_to_date(name: str, rewrite: bool) -> None:
    file = FOLDER / f"{name}.md"
    made = PAGES[name]()
    if rewrite:
        FOLDER.mkdir(exist_ok=True)
        file.write_text(made, encoding="utf-8")
    assert made == file.read_text(encoding="utf-8"), "run `make golden`, and read the diff"


def test_each_family_of_checks_has_a_heading() -> None:
    assert {id[0] for id in rule_ids()} <= families()


def test_no_page_has_a_dead_link() -> None:
    folders = [ROOT / "docs", ROOT / "tests"]  # pages link to those of tests, so that the site has them too
    pages = [*ROOT.glob("*.md"), *sorted(page for folder in folders for page in folder.rglob("*.md"))]
    dead = [f"{page.relative_to(ROOT)}: {link}" for page in pages for link in _dead_links(page)]
    assert dead == []


def test_each_image_has_a_text_for_those_who_do_not_see_it_and_is_small() -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        for text, file in IMAGE.findall(page.read_text(encoding="utf-8")):
            assert text.strip(), f"{page.name}: {file}"
            assert (page.parent / file).stat().st_size < 150_000, file


def test_the_site_lists_each_page() -> None:
    """Decisions are listed on their own page, and the README is the first page."""
    nav = tomllib.loads((ROOT / "docs" / "zensical.toml").read_text(encoding="utf-8"))["project"]["nav"]
    listed = [
        page for part in nav for value in part.values() for page in ([value] if isinstance(value, str) else value)
    ]
    pages = {page.relative_to(ROOT).as_posix() for page in (ROOT / "docs").rglob("*.md")}
    assert sorted(listed) == sorted(
        {page for page in pages if not re.match("docs/adr/[0-9]", page)}
        | {"index.md", "CONTRIBUTING.md", "CHANGELOG.md"}
    )


def test_the_site_needs_no_network() -> None:
    project = tomllib.loads((ROOT / "docs" / "zensical.toml").read_text(encoding="utf-8"))["project"]
    assert project["theme"]["font"] is False
    assert "plugins" not in project
    assert "extra_javascript" not in project


def _dead_links(page: Path) -> list[str]:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    dead = []
    for match in LINK.finditer(text):
        file, anchor = match[1], match[2]
        if file is not None and re.match(r"[a-z]+:", file):
            continue
        target = page if file is None else (page.parent / file).resolve()
        target = target / "README.md" if target.is_dir() else target  # what the site shows of a folder
        if not target.exists() or (anchor is not None and anchor[1:] not in _anchors(target)):
            dead.append(match[0])
    return dead


def _anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    found = HEADING.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in found}
