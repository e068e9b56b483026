"""The page of `servegen site` in a real browser: from the disk, with and without scripts, by keyboard, on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from generator.cli.main import run
from generator.cli.serve_page import page_server
from generator.report.site.page import LIMIT
from tests.bench.fleet import make_fleet
from tests.browser.chromium import Page
from tests.browser.serving import running
from tests.browser.test_report import CONTRASTS
from tests.conftest import ROOT
from tests.support.site_fleet import EVIL, site_repository

_SHOWN: Final = "[...document.querySelectorAll('#services tbody tr:not([hidden])')]"
# `make browser` installs it.
_AXE: Final = ROOT / ".tools/axe/node_modules/axe-core/axe.min.js"
_VIOLATIONS: Final = """
axe.run(document, {resultTypes: ["violations"]})
  .then(found => found.violations.map(one => [one.id, one.help, ...one.nodes.map(node => node.html)]))
"""
_DETECTOR: Final = "service/vision/detector/detector-1"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the fleet of `site_fleet`."""
    root = site_repository(tmp_path_factory.mktemp("fleet"))
    assert run(["-C", str(root), "site"]) == 0
    return root / "site" / "index.html"


@pytest.fixture
def opened(page: Page, file: Path) -> Page:
    """A tab with the page, opened from the disk."""
    page.open(file.as_uri())
    return page


def _emulate(page: Page, media: str = "", scheme: str = "light") -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    page.call("Emulation.setEmulatedMedia", media=media, features=features)


def _choose(page: Page, name: str, value: str) -> None:
    page.run(
        f"(() => {{ const one = document.querySelector('[name={name}]'); one.value = '{value}'; "
        "one.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )


def _names(page: Page) -> list[str]:
    found: list[str] = page.run(f"{_SHOWN}.map(one => one.cells[0].textContent + ' ' + one.cells[3].textContent)")
    return found


def test_filters_narrow_the_table_and_are_part_of_the_address(opened: Page) -> None:
    assert len(_names(opened)) == 8
    _choose(opened, "state", "split")
    opened.wait_for("location.hash === '#services?state=split'")
    opened.wait_for(f"{_SHOWN}.length === 1")
    assert _names(opened) == ["detector-2 prod"]
    assert opened.run("document.getElementById('count').textContent") == "1 of 8 rows."
    opened.run("document.querySelector('button[type=reset]').click()")
    opened.wait_for(f"{_SHOWN}.length === 8")
    opened.run("location.hash = '#services?owner=%40ml&environment=test'")
    opened.wait_for(f"{_SHOWN}.length === 1")
    assert _names(opened) == ["detector-1 test"]
    opened.run("location.hash = '#services?text=VOICE'")
    opened.wait_for(f"{_SHOWN}.length === 2")
    assert opened.errors() == []


def test_a_column_sorts_the_rows_and_says_so(opened: Page) -> None:
    opened.run("[...document.querySelectorAll('.sort')].find(one => one.textContent === 'Released').focus()")
    opened.press("Enter", 13, "\r")
    opened.wait_for("location.hash === '#services?sort=released'")
    opened.press("Enter", 13, "\r")
    opened.wait_for("location.hash === '#services?sort=-released'")
    assert _names(opened)[:3] == ["detector-5 prod", "detector-4 prod", "detector-1 prod"]
    assert opened.run("document.querySelector('[aria-sort=descending]').textContent") == "Released"
    _choose(opened, "state", "owner")
    opened.wait_for("location.hash === '#services?state=owner&sort=-released'")
    assert _names(opened)[0] == "detector-1 prod"
    opened.press("Enter", 13, "\r")
    opened.wait_for("location.hash === '#services?state=owner'")
    assert _names(opened)[0] == "voice-1 far"
    assert opened.run("document.querySelectorAll('[aria-sort]').length") == 0
    assert opened.errors() == []


def test_a_line_ends_between_the_words_of_a_host(opened: Page) -> None:
    opened.run("location.hash = '#services?text=voice-1'")
    opened.wait_for(f"{_SHOWN}.length === 1")
    words: list[str] = opened.run(
        """(() => {
            const cell = document.querySelector('#services tbody tr:not([hidden])').cells[4], lines = new Map();
            cell.style.width = cell.style.maxWidth = '1px';
            for (const node of cell.childNodes) if (node.length) {
                const range = document.createRange();
                range.selectNodeContents(node);
                lines.set(node.data, new Set([...range.getClientRects()].map(one => one.top)).size);
            }
            return [...lines].map(([text, count]) => `${text} ${count}`);
        })()"""
    )
    assert words == ["voice- 1", "1. 1", "far. 1", "example. 1", "com 1"]


@pytest.mark.parametrize("width", [360, 1280])
def test_no_line_ends_within_a_word_of_a_setting(page: Page, file: Path, width: int) -> None:
    page.call("Emulation.setDeviceMetricsOverride", width=width, height=640, deviceScaleFactor=1, mobile=False)
    page.open(f"{file.as_uri()}#service/speech/voice/voice-1")
    cut: list[str] = page.run(
        """[...document.querySelectorAll("[aria-label=Settings] tbody :is(th, td:nth-child(4)) *")]
            .flatMap(one => [...one.childNodes]).filter(one => one.data).filter(one => {
                const range = document.createRange();
                range.selectNodeContents(one);
                return new Set([...range.getClientRects()].map(box => box.top)).size > 1;
            }).map(one => one.data)"""
    )
    assert cut == []


def test_the_filters_are_in_one_line(page: Page, file: Path) -> None:
    page.call("Emulation.setDeviceMetricsOverride", width=1280, height=640, deviceScaleFactor=1, mobile=False)
    page.open(file.as_uri())
    edges: list[list[float]] = page.run(
        """[...document.getElementById("filters").elements]
            .map(one => one.getBoundingClientRect()).map(box => [box.top, box.bottom])"""
    )
    assert len(edges) == 7
    assert all(one == edges[0] for one in edges)


def test_the_keyboard_opens_a_service_and_the_reader_is_told(opened: Page) -> None:
    opened.run(f"document.querySelector('a[href=\"#{_DETECTOR}\"]').focus()")
    opened.press("Enter", 13, "\r")
    opened.wait_for("document.title === 'detector-1 – Fleet'")
    assert opened.run("document.activeElement.tagName + document.activeElement.textContent") == "H1detector-1"
    assert EVIL.split(" \u202e")[0] in opened.run("document.querySelector('#detail').textContent")
    assert opened.run("document.querySelectorAll('#detail img, #detail script').length") == 0
    links = opened.run("[...document.querySelectorAll('#detail a')].map(one => one.href)")
    assert (
        "https://grafana.example.com/d/main-triton-server-f6489db2?var-namespace=vision-prod&var-service=detector-1"
        in links
    )
    assert "https://argocd.example.com/applications/argocd/vision-detector-prod" in links
    opened.run("history.back()")
    opened.wait_for(f"document.title === 'Services – Fleet' && {_SHOWN}.length === 8")
    assert opened.errors() == []


def test_each_link_inside_the_page_leads_to_something(opened: Page) -> None:
    waiting, seen = ["#services", "#hosts", "#models", "#nodes"], set[str]()
    while waiting:
        where = waiting.pop()
        seen.add(where)
        opened.run(f"location.hash = {where!r}; dispatchEvent(new Event('hashchange'))")
        assert opened.run("document.querySelector('main section:not([hidden]) h1').textContent") != "Not found", where
        found = opened.run("[...document.querySelectorAll('main a')].map(one => one.getAttribute('href'))")
        waiting += [one for one in dict.fromkeys(found) if one.startswith("#") and one not in {*seen, *waiting}]
    assert len(seen) == 13  # four lists, seven services, two models
    opened.run("location.hash = '#service/no/such/one'; dispatchEvent(new Event('hashchange'))")
    assert opened.run("document.querySelector('#detail h1').textContent") == "Not found"
    assert opened.errors() == []


def test_the_examples_are_filled_in_and_copied(page: Page, file: Path) -> None:
    page.open(f"{file.as_uri()}#{_DETECTOR}")
    page.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    texts: list[str] = page.run("[...document.querySelectorAll('.example pre')].map(one => one.textContent)")
    assert len(texts) == 6  # three of each environment
    assert not any("{base}" in text or "{path}" in text or "{word}" in text for text in texts)
    assert texts[2].count('("detector")') == 2
    for text in (texts[1], texts[2]):
        compile(text, "example", "exec")
    page.run("document.querySelector('details').open = true; document.querySelector('.example button').focus()")
    page.press("Enter", 13, "\r")
    assert page.wait_for("['Copied', 'Selected'].includes(document.querySelector('.example button').textContent)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("where", ["services", "hosts", _DETECTOR, "model/vision/detector"])
def test_each_text_has_enough_contrast(page: Page, file: Path, scheme: str, where: str) -> None:
    _emulate(page, scheme=scheme)
    page.open(f"{file.as_uri()}#{where}")
    found: list[dict[str, Any]] = page.run(CONTRASTS)
    assert found == []


@pytest.mark.parametrize("where", ["services", "hosts", _DETECTOR])
def test_a_small_window_is_not_wider_than_itself(page: Page, file: Path, where: str) -> None:
    page.call("Emulation.setDeviceMetricsOverride", width=360, height=640, deviceScaleFactor=1, mobile=True)
    page.open(f"{file.as_uri()}#{where}")
    assert page.run("document.documentElement.scrollWidth") == 360


def test_without_scripts_the_table_is_there(page: Page, file: Path) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.open(file.as_uri())
    page.call("Accessibility.enable")
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    named = [(node["role"]["value"], node["name"]["value"]) for node in nodes if "role" in node and "name" in node]
    assert len([name for role, name in named if role == "rowheader"]) == 8
    assert ("columnheader", "Host") in named
    assert ("link", "Hosts") not in named


def test_a_screen_reader_finds_the_parts_by_their_names(opened: Page) -> None:
    opened.call("Accessibility.enable")
    nodes = opened.call("Accessibility.getFullAXTree")["nodes"]
    named = {(node["role"]["value"], node["name"]["value"]) for node in nodes if "role" in node and "name" in node}
    assert {
        ("navigation", "Pages"),
        ("search", "Filter the services"),
        ("searchbox", "Search"),
        ("combobox", "Code owner"),
        ("heading", "Services"),
        ("region", "Services"),
        ("link", "Skip to the content"),
    } <= named
    assert opened.run("document.querySelector('nav [aria-current=page]').textContent") == "Services"
    ids: list[str] = opened.run("[...document.querySelectorAll('[id]')].map(one => one.id)")
    assert len(ids) == len(set(ids))


def test_axe_finds_no_violations(page: Page, file: Path) -> None:
    page.call("Page.setBypassCSP", enabled=True)  # the page admits no other script
    page.open(file.as_uri())
    page.run(f"{_AXE.read_text(encoding='utf-8')};0")
    found: dict[str, list[list[str]]] = {}
    for scheme in ("light", "dark"):
        _emulate(page, scheme=scheme)
        for where in ("services?sort=host", "hosts", "models", "nodes", _DETECTOR, "model/vision/detector"):
            page.run(f"location.hash = {where!r}; dispatchEvent(new Event('hashchange'))")
            found[f"{scheme} {where}"] = page.run(_VIOLATIONS)
    assert {where: violations for where, violations in found.items() if violations} == {}


def test_paper_is_white_and_has_nothing_to_press(opened: Page) -> None:
    _choose(opened, "state", "owner")
    _emulate(opened, media="print", scheme="dark")
    assert opened.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert (
        opened.run(
            "[...document.querySelectorAll('nav, form, button:not(.sort)')].filter(one => one.checkVisibility()).length"
        )
        == 0
    )


def test_the_served_page_is_the_same(page: Page, file: Path) -> None:
    with running(page_server(file.read_text(encoding="utf-8"))) as address:
        page.open(f"{address}/#{_DETECTOR}")
        page.wait_for("document.title === 'detector-1 – Fleet'")
        assert page.errors() == []


def test_a_thousand_services_in_three_environments_fit(page: Page, tmp_path: Path) -> None:
    make_fleet(tmp_path, 1000)
    assert run(["-C", str(tmp_path), "site"]) == 0
    file = tmp_path / "site" / "index.html"
    assert file.stat().st_size < LIMIT
    page.open(file.as_uri())
    assert page.run("document.getElementById('count').textContent") == "3000 rows, the first 200 are shown."
    assert len(_names(page)) == 200
    page.run("document.getElementById('all').click()")
    assert len(_names(page)) == 3000
    _choose(page, "environment", "prod")
    page.wait_for("document.getElementById('count').textContent.startsWith('1000 of 3000 rows')")
    assert len(_names(page)) == 200
    page.run("dispatchEvent(new Event('beforeprint'))")
    assert len(_names(page)) == 1000
    page.run("location.hash = '#service/bench/model-0249/model-0249-202611041'")
    page.wait_for("document.title === 'model-0249-202611041 – Fleet'")
    assert page.errors() == []
