"""The HTML report of `servegen diff` in a real browser: colors, the keyboard, small windows and paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace

from generator.report import diff_html
from generator.review.effect import Effect
from generator.review.gate import demands
from generator.review.model import HostChange
from tests.browser.chromium import Page
from tests.report.diff_views import change, service, view_of

_TAB: Final = ("Tab", 9)
# The contrast of a text with the first background above it that is not transparent (WCAG 2.2, 1.4.3).
CONTRASTS: Final = """(() => {
    const parts = text => text.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(one => one / 255)
        .map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
        .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
    const page = one => {
        for (; one; one = one.parentElement) {
            const color = parts(getComputedStyle(one).backgroundColor);
            if (color[3] !== 0) return color;
        }
    };
    return [...document.querySelectorAll("body *")].filter(one => one.innerText && one.offsetParent).map(one => {
        const [a, b] = [light(parts(getComputedStyle(one).color)), light(page(one))].sort((x, y) => y - x);
        return {tag: one.outerHTML.slice(0, 80), contrast: (a + 0.05) / (b + 0.05)};
    }).filter(one => one.contrast < 4.5);
})()"""
_HIDDEN: Final = "[...document.querySelectorAll('details > table')].filter(one => !one.checkVisibility()).length"


@pytest.fixture
def report(tmp_path: Path) -> str:
    """The address of a report with each effect, and with a very long host."""
    objects = [change(4 * number, "prod", effect) for number, effect in enumerate(Effect)]
    host = HostChange("prod", f"模型.<b>{'x' * 400}.example.com", service(1), ("other", "a", "b"))
    view = view_of(objects, [host])
    file = tmp_path / "report.html"
    file.write_text(diff_html.report(replace(view, demands=tuple(demands(view.review, [])))), encoding="utf-8")
    return file.as_uri()


def _emulate(page: Page, media: str = "", scheme: str = "light") -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    page.call("Emulation.setEmulatedMedia", media=media, features=features)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_text_has_enough_contrast(page: Page, report: str, scheme: str) -> None:
    _emulate(page, scheme=scheme)
    page.open(report)
    assert page.errors() == []
    found: list[dict[str, Any]] = page.run(CONTRASTS)
    assert found == []
    assert page.run("matchMedia('(prefers-color-scheme: dark)').matches") == (scheme == "dark")


def test_a_folded_change_is_opened_by_the_keyboard(page: Page, report: str) -> None:
    page.open(report)
    before = page.run(_HIDDEN)
    assert before > 0
    page.run("document.querySelector('details:not([open]) summary').focus()")
    page.press("Enter", 13, "\r")
    assert page.run(_HIDDEN) == before - 1
    page.press(*_TAB)
    assert page.run("document.activeElement.tagName") == "SUMMARY"


def test_a_long_host_does_not_widen_a_small_window(page: Page, report: str) -> None:
    page.call("Emulation.setDeviceMetricsOverride", width=360, height=640, deviceScaleFactor=1, mobile=True)
    page.open(report)
    assert page.run("document.documentElement.scrollWidth") == 360
    assert (
        page.run("[...document.querySelectorAll('td, summary, pre')].filter(one => one.scrollWidth > 360).length") == 0
    )


def test_what_is_folded_is_printed(page: Page, report: str) -> None:
    page.open(report)
    assert page.run(_HIDDEN) > 0
    _emulate(page, media="print", scheme="dark")
    assert page.run(_HIDDEN) == 0
    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.run("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_a_screen_reader_finds_the_parts_by_their_names(page: Page, report: str) -> None:
    page.open(report)
    page.call("Accessibility.enable")
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    named = {(node["role"]["value"], node["name"]["value"]) for node in nodes if "role" in node and "name" in node}
    assert ("navigation", "Effects") in named
    assert ("region", "Needs acceptance") in named
    assert ("heading", "What this change does") in named
    assert {f"{effect} 1 change" for effect in Effect if effect not in ("host hand-over", "delete")} <= {
        name for role, name in named if role == "region"
    }
    assert {"Field", "Before", "After"} <= {name for role, name in named if role == "columnheader"}
