"""The HTML report: its whole text, that it loads nothing, that no text of others is a tag, and how long it gets."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from generator.core.printable import printable_line
from generator.report import diff_html
from generator.review.effect import Effect
from generator.review.gate import demands
from generator.review.model import HostChange, Move
from tests.report.diff_views import ENVIRONMENTS, EVIL, change, evil_view, service, view_of

_VOID = ("meta", "br")


class Page(HTMLParser):
    """The tags, attributes and texts of a page. Fails at a tag that does not end the one that is open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags = Counter[str]()
        self.attributes = set[tuple[str, str | None]]()
        self.lines: list[str] = [""]
        self.declarations: list[str] = []
        self.comments: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_decl(self, decl: str) -> None:
        self.declarations.append(decl)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes |= set(attrs)
        if tag not in _VOID:
            self.open.append(tag)
        if tag in ("h1", "h2", "p", "tr", "li", "summary", "pre"):
            self.lines.append("## " if tag == "h2" else "> " if tag == "summary" else "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag in ("td", "th"):
            self.lines[-1] += " | "

    def handle_data(self, data: str) -> None:
        if "body" in self.open:
            self.lines[-1] += data

    @property
    def text(self) -> list[str]:
        """The lines of the body that are not empty."""
        return [line.strip().removesuffix(" |") for line in self.lines if line.strip()]


def test_the_dangerous_part_is_first_and_equal_changes_are_folded() -> None:
    objects = [
        change(0, "prod", Effect.DELETE),
        *(change(number, "prod", Effect.RESTART) for number in (8, 9)),
        change(3, "test", Effect.CAPACITY, field="spec.replicas"),
    ]
    hosts = [HostChange("prod", "h.example.com", service(4), ("other", "a", "b"))]
    view = view_of(objects, hosts, [Move("prod", "team-1", "main/team-1", "far/team-1")])
    view = replace(view, notes=("a note",), demands=tuple(demands(view.review, ["move prod/team-1"])))
    page = Page(diff_html.report(view))
    assert page.text == [
        "What this change does",
        "main compared with HEAD",
        "Note: a note",
        "Environment | What happens",
        "prod | team-1 moves, 1 service deleted, 1 host hand-over, 2 services with 6 pods restart",
        "test | 1 change of capacity",
        "delete 2 changes",
        "host hand-over 1 change",
        "restart 2 changes",
        "capacity 1 change",
        "## Needs acceptance",
        "Add these lines to the end of the message of a commit of this change:",
        "Servegen-Accept: delete prod/bench-prod/model-0000-202611010\n"
        "Servegen-Accept: hand-over prod/host/h.example.com",
        "## delete 2 changes",
        "objects and hosts that leave a cluster",
        "prod project team-1: moves from main/team-1 to far/team-1; what it has in the old place leaves",
        "prod service bench/model-0000/model-0000-202611010 with 1 object (3 pods): leaves",
        "## host hand-over 1 change",
        "a host that goes to another app",
        "prod host h.example.com: goes from bench/model-0001/model-0001-202611010 to other/a/b",
        "## restart 2 changes",
        "pods are replaced",
        "> prod Deployment of 2 services (6 pods)",
        "Field | Before | After",
        "spec.minReadySeconds | 5 | 6",
        "Because of:",
        "templates/service/base/20-deployment.yaml.j2:7:1",
        "2 changes: model-0002-202611010, model-0002-202611011",
        "## capacity 1 change",
        "another number of pods, or another quota",
        "> test Deployment bench-test/model-0000-202611013",
        "Field | Before | After",
        "spec.replicas | 5 | 6",
        "Because of:",
        "templates/service/base/20-deployment.yaml.j2:7:1",
        "## Accepted",
        "Commits of this change accept it with these lines:",
        "Servegen-Accept: move prod/team-1",
    ]
    assert page.declarations == ["doctype html"]
    assert page.tags["details"] == 2
    assert ("open", None) in page.attributes


def test_nothing_changes() -> None:
    page = Page(diff_html.report(view_of([])))
    assert page.text == ["What this change does", "main compared with HEAD", "Nothing changes in any environment."]


@pytest.mark.parametrize("text", EVIL)
def test_no_text_of_others_is_a_tag_an_attribute_or_an_invisible_character(text: str) -> None:
    view = replace(evil_view(text), demands=tuple(demands(evil_view(text).review, [])))
    page, harmless = (Page(diff_html.report(one)) for one in (view, replace(evil_view("x"), demands=view.demands)))
    assert page.tags == harmless.tags
    assert page.attributes == harmless.attributes
    assert page.comments == []
    shown = printable_line(text)
    assert page.text[1] == f"{shown} compared with {shown}"
    assert f"Note: {shown}" in page.text
    assert [line for line in page.text if "\u202e" in line or "\x1b" in line] == []


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    text = diff_html.report(view_of([change(0, "prod", Effect.RESTART)]))
    page = Page(text)
    assert page.tags.keys() & {"script", "link", "img", "iframe", "object", "form", "base"} == set()
    named = {name for name, _ in page.attributes}
    assert named == {
        *("lang", "charset", "name", "content", "http-equiv", "class", "scope", "href", "id"),
        *("aria-label", "aria-labelledby"),
    }
    assert [value for name, value in page.attributes if name == "href"] == ["#restart"]
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes
    assert "url(" not in text
    assert "@import" not in text


def test_each_label_that_the_page_refers_to_is_there() -> None:
    objects = [change(4 * number, "prod", effect) for number, effect in enumerate(Effect)]
    page = Page(diff_html.report(view_of(objects)))
    ids = [value for name, value in page.attributes if name == "id"]
    assert {f"#{id}" for id in ids} == {value for name, value in page.attributes if name == "href"}
    assert set(ids) == {value for name, value in page.attributes if name == "aria-labelledby"}


def test_a_thousand_services_of_which_each_changes_in_its_own_way_are_below_the_limit() -> None:
    view = view_of(
        change(number, place, Effect.RESTART, field=f"spec.field{number}")
        for place in ENVIRONMENTS
        for number in range(1000)
    )
    text = diff_html.report(view)
    assert len(text.encode()) <= diff_html.LIMIT
    assert text.count("<details>") == 3000


def test_beyond_the_limit_the_dangerous_part_has_every_name_and_the_rest_is_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(diff_html, "LIMIT", 60_000)
    harmless = [change(n, "prod", Effect.IN_PLACE, field=f"spec.template.field{n}") for n in range(100, 1000)]
    deleted = [change(number, "prod", Effect.DELETE) for number in range(25)]
    text = diff_html.report(view_of([*deleted, *harmless]))
    assert len(text.encode()) <= 60_000
    assert [number for number in range(25) if service(number)[2] not in text] == []
    assert "<li><code>prod</code>: 900 changes (2,700 pods)</li>" in text
