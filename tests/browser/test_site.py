"""The documentation site in a real browser: every page opens, no link is dead, and the search finds words."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import urldefrag, urlsplit

import pytest

from tests.browser.chromium import Page

_TARGETS: Final = """({
    links: [...document.querySelectorAll("a[href]")].map(link => link.href),
    ids: [...document.querySelectorAll("[id]")].map(one => one.id),
    images: [...document.images].filter(one => !one.naturalWidth).map(one => one.src),
    alt: [...document.images].filter(one => !one.alt).map(one => one.src),
    title: document.title,
    wide: document.documentElement.scrollWidth > innerWidth,
})"""


def test_every_page_opens_without_an_error_and_has_no_dead_link(page: Page, site: Path, address: str) -> None:
    files = sorted(file.relative_to(site).as_posix() for file in site.rglob("*.html"))
    found: dict[str, dict[str, Any]] = {}
    errors = []
    for file in files:
        page.open(f"{address}/{file}")
        found[f"{address}/{file}"] = page.run(_TARGETS)
        errors += [f"{file}: {error}" for error in page.errors()]
    assert len(files) > 40
    assert errors == []
    assert [(url, one["images"]) for url, one in found.items() if one["images"] or one["alt"]] == []
    assert [url for url, one in found.items() if not one["title"] or one["wide"]] == []
    links = {(url, link) for url, one in found.items() for link in one["links"] if link.startswith(address)}
    assert [pair for pair in sorted(links) if _is_dead(pair[1], site, found)] == []


def _is_dead(link: str, site: Path, found: dict[str, dict[str, Any]]) -> bool:
    url, anchor = urldefrag(link)
    path = site / urlsplit(url).path.lstrip("/")
    if path.is_dir():
        path, url = path / "index.html", f"{url.rstrip('/')}/index.html"
    if not path.is_file():
        return True
    return bool(anchor) and url in found and anchor not in found[url]["ids"]


# The search of the theme is in a shadow tree, which it adds when the button is pressed for the first time.
_SEARCH: Final = (
    "[...document.querySelectorAll('*')].map(one => one.shadowRoot).find(root => root?.querySelector('input'))"
)


def test_the_search_finds_split(page: Page, address: str) -> None:
    page.open(f"{address}/index.html")
    page.run("document.querySelector('.md-search__button').click()")
    page.wait_for(f"{_SEARCH} && ({_SEARCH}.querySelector('input').focus(), true)")
    page.call("Input.insertText", text="split")
    links = f"[...{_SEARCH}.querySelectorAll('a[href]')].map(one => one.href)"
    hits = page.wait_for(f"(links => links.length && links)({links})")
    assert any(hit.startswith(f"{address}/docs/traffic.html") for hit in hits), hits
    assert page.errors() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_site_follows_the_theme_of_the_reader(page: Page, address: str, scheme: str) -> None:
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    page.open(f"{address}/index.html")
    color = page.run("getComputedStyle(document.body).backgroundColor")
    channels = [int(part) for part in color.removeprefix("rgb(").removesuffix(")").split(",")]
    assert (sum(channels) > 3 * 128) == (scheme == "light")
