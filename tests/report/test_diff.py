"""The outputs of a comparison: how long they get, what is never left out, and that no text of others breaks out."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from generator.report import diff_json, diff_markdown, diff_text
from generator.review.compare import Leaf
from generator.review.effect import Effect
from generator.review.leaves import Difference
from generator.review.model import HostChange, Move, ObjectChange
from generator.review.objects import ObjectKey
from tests.report.diff_views import ENVIRONMENTS, EVIL, change, evil_view, service, view_of


def test_one_line_of_a_template_in_a_thousand_services_is_a_short_comment() -> None:
    view = view_of(change(number, place, Effect.RESTART) for place in ENVIRONMENTS for number in range(1000))
    text = diff_markdown.report(view)
    assert len(text.encode()) <= diff_markdown.LIMIT
    for place in ENVIRONMENTS:
        assert f"- `{place}: 1,000 services with 3,000 pods restart`" in text
        assert f"- `{place}` `Deployment of 1,000 services (3,000 pods)`" in text
    assert text.count("`5` → `6`") == 3
    assert text.count("because of `templates/service/base/20-deployment.yaml.j2:7:1`") == 3
    assert " and 980 more" in text
    assert len(diff_text.report(view)) < 3_000


def test_the_dangerous_part_is_never_cut() -> None:
    """Each of 400 harmless changes is another one; the others are listed to the last name."""
    harmless = [change(n, "prod", Effect.IN_PLACE, field=f"spec.template.field{n}") for n in range(100, 1000)]
    deleted = [change(number, "prod", Effect.DELETE) for number in range(25)]
    recreated = [change(number, "prod", Effect.RECREATE, "Service") for number in range(25, 50)]
    capacity = [change(number, "prod", Effect.CAPACITY, field=f"spec.x{number}") for number in range(50, 75)]
    hosts = [HostChange("prod", f"h{n}.example.com", service(n), ("other", "a", "b")) for n in range(75, 100)]
    moves = [Move("prod", f"team-{n}", f"main/team-{n}", f"far/team-{n}") for n in range(25)]
    text = diff_markdown.report(view_of([*deleted, *recreated, *capacity, *harmless], hosts=hosts, moves=moves))
    assert len(text.encode()) <= diff_markdown.LIMIT
    assert [number for number in range(75) if service(number)[2] not in text] == []
    assert [host.address for host in hosts if host.address not in text] == []
    assert [move.project for move in moves if f"main/{move.project} to far/{move.project}" not in text] == []
    assert "- `prod`: 900 changes (2,700 pods)" in text


@pytest.mark.parametrize(("services", "shown"), [(1000, "bench/model-0007: 4"), (5_000, "bench: 5000")])
def test_many_deletions_are_counted_by_app_or_project(services: int, shown: str) -> None:
    view = view_of(change(number, place, Effect.DELETE) for place in ENVIRONMENTS for number in range(services))
    text = diff_markdown.report(view)
    assert len(text.encode()) <= diff_markdown.LIMIT
    assert text.count(shown) == 3
    for place in ENVIRONMENTS:
        assert f"- `{place}: {services:,} services deleted`" in text


@pytest.mark.parametrize("text", EVIL)
def test_no_text_of_others_is_markdown_html_or_an_escape_sequence(text: str) -> None:
    view = evil_view(text)
    markdown = diff_markdown.report(view)
    kinds = {
        (token.type, child.type)
        for token in MarkdownIt("gfm-like", {"linkify": False}).parse(markdown.removeprefix(diff_markdown.MARKER))
        for child in token.children or [token]
        if child.type not in ("code_inline", "text", "softbreak")
    }
    blocks = {"heading", "paragraph", "list_item", "bullet_list"}
    assert {child for _, child in kinds} <= {f"{block}_{side}" for block in blocks for side in ("open", "close")}
    assert markdown.count(diff_markdown.MARKER + "\n") == 1
    for report in (markdown, diff_text.report(view)):
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e]", report)
    shown = diff_text.report(view)
    assert not any(line.startswith(("# heading", "|---", "- [x]")) for line in shown.splitlines())


def test_json_has_whole_values() -> None:
    long = "x" * 500
    leaf = Leaf(Difference(("data", "a"), ("data", "a"), (), (), long, {"b": [1]}), Effect.IN_PLACE)
    one = ObjectChange("prod", ObjectKey("main", "", "Namespace", "x"), None, Effect.IN_PLACE, (leaf,))
    assert f'"before": "{long}"' in diff_json.report(view_of([one]))
    assert '"after": "{\\"b\\": [1]}"' in diff_json.report(view_of([one]))
