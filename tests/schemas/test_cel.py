"""Rules in CEL: all that are shipped compile, and hold for what they should."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from generator.core.paths import schemas_root
from generator.schemas.bundled import archive
from generator.schemas.cel import holds


def _shipped() -> set[str]:
    files = archive.unpack((schemas_root() / "crds.tar.xz").read_bytes())
    return {rule for name, text in files.items() if name.startswith("rules/") for rule in _rules(json.loads(text))}


def _rules(node: dict[str, Any]) -> Iterator[str]:
    yield from (rule for rule, _ in node.get("rules", ()))
    for below in (*node.get("fields", {}).values(), node.get("items"), node.get("values")):
        yield from _rules(below) if below else ()


def test_all_shipped_rules_compile() -> None:
    rules = _shipped()
    assert len(rules) == 114
    for rule in rules:
        assert holds(rule, {}) in (True, False)


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ("duration(self) >= duration('1ms')", "10s", True),
        ("duration(self) >= duration('1ms')", "0.1ms", False),
        ("duration(self) >= duration('1ms')", "soon", False),  # an error of the evaluation
        ("isURL(self) && url(self).getScheme() == 'https'", "https://a.example.com/b", True),
        ("isURL(self) && url(self).getScheme() == 'https'", "http://a.example.com", False),
        ("isURL(self)", "a.example.com", False),
        ("self.all(p, !has(p.__namespace__) || p.__namespace__ == 'a')", [{}, {"namespace": "a"}], True),
        ("self.all(p, !has(p.__namespace__) || p.__namespace__ == 'a')", [{"namespace": "b"}], False),
        ("self.split('/').size() == 2", "a/b", True),
        ("int(self) < 5", "7", False),
        ("self.weight > 0 && self.share == 0.5", {"weight": 1, "share": 0.5}, True),
    ],
)
def test_a_rule(rule: str, value: Any, expected: bool) -> None:
    assert holds(rule, value) is expected
