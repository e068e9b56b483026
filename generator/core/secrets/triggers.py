"""The rules that apply to a text: one set of all their keywords, matched at once, because most texts have no secret."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from generator.core.secrets.forms import FORMS
from generator.core.secrets.known import load_rules
from generator.core.secrets.names import TRIGGER

if TYPE_CHECKING:
    from generator.core.secrets.forms import Form
    from generator.core.secrets.known import KnownRule

    Rule = KnownRule | Form

# Stands for the search for names such as HF_TOKEN, which is no rule.
_NAMES: Final = -1


class Applicable(NamedTuple):
    """The rules of which a text has a keyword, and whether it has a name that is like a secret's."""

    rules: tuple[Rule, ...]
    has_names: bool


def find_applicable(raw: bytes) -> Applicable:
    """Return the rules that have to be applied to a UTF-8 text."""
    matcher, numbers = _keywords()
    hits = matcher.Match(raw)
    if not hits:
        return Applicable((), has_names=False)
    chosen = {number for hit in hits for number in numbers[hit]}
    rules = _rules()
    return Applicable(tuple(rules[number] for number in sorted(chosen - {_NAMES})), _NAMES in chosen)


@cache
def _rules() -> tuple[Rule, ...]:
    return (*load_rules().rules, *FORMS)


@cache
def _keywords() -> tuple[Any, list[list[int]]]:
    """Return the compiled set of keywords, and for each keyword the numbers of its rules."""
    import re2

    numbers: dict[str, list[int]] = {TRIGGER: [_NAMES]}
    for number, rule in enumerate(_rules()):
        for trigger in rule.triggers:
            numbers.setdefault(trigger, []).append(number)
    options = re2.Options()
    options.case_sensitive = False
    matcher = re2.Set.SearchSet(options)
    for trigger in numbers:
        matcher.Add(trigger)
    matcher.Compile()
    return matcher, list(numbers.values())
