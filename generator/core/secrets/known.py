"""Secrets whose form is known, such as tokens with a prefix: the rules of gitleaks in rules.json, applied with RE2.

`refresh` writes the file. A rule applies to a text only if the text has one of its keywords; `triggers` looks for them.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.core.secrets.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES: Final = Path(__file__).with_name("rules.json")


class KnownRule(Struct, frozen=True):
    """A rule of gitleaks: an expression, and the least entropy of what it finds, in bits for each character.

    `group` is the group with the secret; 0: the first group that took part in the match, or the whole match. A secret
    that matches an expression in `allowed` is none.
    """

    id: str
    regex: str
    keywords: tuple[str, ...]
    entropy: float
    group: int
    allowed: tuple[str, ...]

    @property
    def triggers(self) -> tuple[str, ...]:
        """Expressions of which one occurs in each text that has such a secret; upper case is not different."""
        return tuple(map(re.escape, self.keywords))

    def find(self, raw: bytes) -> Iterator[Span]:
        """Yield the secrets in a UTF-8 text."""
        for match in compile_expression(self.regex).finditer(raw):
            start, end = _secret(match, self.group)
            secret = raw[start:end].decode("utf-8", "replace")
            if not self._is_allowed(secret) and entropy(secret) > self.entropy:
                yield Span(start, end, f"a secret of the kind {self.id}", self.id.upper().replace("-", "_"))

    def _is_allowed(self, secret: str) -> bool:
        rules = load_rules()
        lower = secret.lower()
        return any(word in lower for word in rules.stopwords) or any(
            compile_expression(expression).search(secret.encode()) for expression in (*self.allowed, *rules.allowed)
        )


class KnownRules(Struct, frozen=True):
    """All rules. `allowed` and `stopwords` apply to what any of them finds."""

    rules: tuple[KnownRule, ...]
    allowed: tuple[str, ...]
    stopwords: tuple[str, ...]


@cache
def load_rules() -> KnownRules:
    """Return the rules of rules.json."""
    data = json.loads(RULES.read_text(encoding="utf-8"))
    rules = (
        KnownRule(id, regex, tuple(keywords), entropy, group, tuple(allowed))
        for id, regex, keywords, entropy, group, allowed in data["rules"]
    )
    return KnownRules(tuple(rules), tuple(data["allowed"]), tuple(data["stopwords"]))


@cache
def compile_expression(expression: str) -> Any:
    """Return an expression compiled by RE2, once; it searches bytes."""
    import re2

    return re2.compile(expression.encode())


def entropy(text: str) -> float:
    """Return Shannon's entropy of a text, in bits for each character."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)


def _secret(match: Any, group: int) -> tuple[int, int]:
    spans: list[tuple[int, int]] = [match.span(number) for number in range(match.re.groups + 1)]
    if group:
        return spans[group]
    return next((span for span in spans[1:] if span[1] > span[0] >= 0), spans[0])
