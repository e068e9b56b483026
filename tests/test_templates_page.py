"""docs/templates.md: its limits, filters and values are those of the code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from inspect import signature
from typing import Any, Final

from generator.core.yaml.depth import MAX_DEPTH
from generator.render.card_request import REQUEST_VALUES
from generator.render.engine.budget import STEPS
from generator.render.engine.compiler import MAX_CHARACTERS, MAX_LINE
from generator.render.engine.filters import FILTERS, TESTS
from generator.render.objects import VIEW_FUNCTIONS
from generator.render.views.route import BACKENDS, route_values
from tests.conftest import ROOT

PAGE: Final = ROOT / "docs" / "templates.md"
GENERATED: Final = re.compile(r"(<!-- ([a-z]+) -->)(.*?)(<!-- end -->)", re.DOTALL)


def test_the_page_says_what_the_code_does(rewrite: bool) -> None:
    limits = {"steps": STEPS, "characters": MAX_CHARACTERS, "line": MAX_LINE, "depth": MAX_DEPTH}
    parts = {
        **{name: f"{limit:,}" for name, limit in limits.items()},
        "filters": f"\nFilters: {_words(FILTERS)}.\n\nTests: {_words(TESTS)}.\n",
        "values": "\n" + "\n".join(_values(VIEW_FUNCTIONS)) + "\n",
        "routes": "\n" + "\n".join(_values({name: route_values(backend) for name, backend in BACKENDS.items()})) + "\n",
        "requests": "\n" + "\n".join(f"- `{name}`: {_words(values)}" for name, values in REQUEST_VALUES.items()) + "\n",
    }
    page = PAGE.read_text(encoding="utf-8")
    made = GENERATED.sub(lambda match: f"{match[1]}{parts.pop(match[2])}{match[4]}", page)
    assert parts == {}
    if rewrite:
        PAGE.write_text(made, encoding="utf-8")
    assert made == PAGE.read_text(encoding="utf-8")


def _words(names: Mapping[str, object] | Any) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _values(groups: Mapping[str, Mapping[str, Callable[..., Any]]]) -> Iterator[str]:
    for group, functions in groups.items():
        yield f"\n### {group}\n\n| value | meaning |\n|---|---|"
        yield from (f"| `{name}` | {_meaning(function)} |" for name, function in sorted(functions.items()))


def _meaning(function: Callable[..., Any]) -> str:
    assert function.__doc__
    assert len(signature(function).parameters) == 1, "a template cannot give a value more than its service"
    return " ".join(function.__doc__.split("\n\n")[0].split()).replace("|", "\\|").rstrip(".")
