"""The shipped rules are those of gitleaks that servegen uses, and each can be applied."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from generator.core.errors import ToolError
from generator.core.secrets.known import RULES, compile_expression, entropy, load_rules
from generator.core.secrets.refresh import MODULE, NOTICE, convert

_RULE: dict[str, Any] = {"id": "a", "description": "A.", "regex": "abc[0-9]{4}", "keywords": ["ABC"]}


def _data(**more: Any) -> dict[str, Any]:
    return {"allowlist": {"regexes": ["^x$"], "stopwords": ["Stop"]}, "rules": [{**_RULE, **more}]}


def test_every_expression_compiles() -> None:
    rules = load_rules()
    assert len(rules.rules) > 200
    for expression in (*rules.allowed, *(text for rule in rules.rules for text in (rule.regex, *rule.allowed))):
        compile_expression(expression)
    assert all(rule.keywords for rule in rules.rules)
    assert "generic-api-key" not in {rule.id for rule in rules.rules}


def test_the_file_is_one_line_and_its_notice_names_the_source() -> None:
    text = RULES.read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")) + "\n"
    notice = NOTICE.read_text(encoding="utf-8")
    assert MODULE in notice
    assert "MIT License" in notice


def test_rules_are_converted_without_what_is_not_used() -> None:
    data = _data(entropy=3, secretGroup=1, allowlists=[{"regexes": ["E$", "abc1234"], "paths": ["x"]}])
    data["rules"] += [{**_RULE, "id": "b", "path": "x"}, {**_RULE, "id": "generic-api-key"}]
    assert convert(data) == {
        "allowed": ["^x$"],
        "stopwords": ["stop"],
        "rules": [["a", "abc[0-9]{4}", ["abc"], 3, 1, ["E$"]]],  # abc1234 would be found in the file
    }


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"validate": "x"}, "the rule a has validate"),
        ({"allowlists": [{"regexTarget": "match"}]}, "the allow-list of the rule a has regexTarget"),
    ],
)
def test_what_a_new_version_of_gitleaks_adds_is_not_ignored(more: dict[str, Any], message: str) -> None:
    with pytest.raises(ToolError, match=message):
        convert(_data(**more))


def test_entropy() -> None:
    assert entropy("aaaa") == 0
    assert entropy("abcd") == 2
    assert entropy(hashlib.sha256(b"x").hexdigest()) > 3
