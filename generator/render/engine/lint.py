"""The mistakes in a template that need no rendering: constructs that its language lacks, and values in other text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from jinja2 import nodes

from generator.core.finding import Finding, Position
from generator.core.regex import regex
from generator.render.engine.filters import FILTERS, TESTS
from generator.render.engine.language import refusal
from generator.spec.values.text import closest, list_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    import jinja2

    from generator.render.engine.language import Language

_BEFORE: Final = regex(r"\s*(?:- )*(?:(?:[^\s:#{}\[\]\"']+|\{\{[^{}]*\}\}): )?\Z")
_AFTER: Final = regex(r":?\s*(?:#.*)?\Z|: \S.*\Z")
# Plain literals that parsers of YAML 1.1 and 1.2 read differently, or that surprise users.
_AMBIGUOUS: Final = regex(
    r"(?i:y|n|yes|no|on|off)\Z|[-+]?(?:0[0-9_]+|[0-9][0-9_]*(?:\.[0-9_]*|e[-+]?[0-9]+|(?::[0-9]+)+|_[0-9_]*))\Z"
    r"|\d{4}-\d\d?-\d\d?|[-+]?0[xob]"
)
_HINT: Final = "see the Template Designer Documentation of Jinja2 for the syntax"
_TEXT_FILTERS: Final = {"quoted", "safe", "tojson"}
# A comment, or an opening bracket with what follows it before the next bracket.
_BRACKETS: Final = regex(r"\{#.*?#\}|(\{\{|\{%)(?:(?!\{\{|\{%|\}\}|%\}).)*", re.DOTALL)
_CLOSING: Final = {"{{": "}}", "{%": "%}"}
# Line and column (from 1), and the text "message; hint".
_Fault = tuple[int, int, str]


def lint(tree: nodes.Template, source: str, file: str, language: Language) -> list[Finding]:
    """Return a finding for each mistake in a template; `tree` is what Jinja parsed from `source`."""
    faults = {*_values(source), *_literals(source)} if language.yaml else set()
    for node in tree.find_all(nodes.Node):
        text = refusal(node, language) or _unknown(node, language)
        if text:
            faults.add((node.lineno, _indent(source, node.lineno), text))
    return [_finding(file, *fault) for fault in sorted(faults)]


def report_syntax_error(source: str, file: str, error: jinja2.TemplateSyntaxError) -> Finding:
    """The finding for what Jinja cannot read, or cannot compile: an unknown filter or test.

    Jinja reads on after a bracket that nothing closes, and finds an error behind it.
    """
    opened = _find_open(source)
    if opened is not None and source.count("\n", 0, opened.start()) < error.lineno:
        line = source.count("\n", 0, opened.start()) + 1
        column = opened.start() - source.rfind("\n", 0, opened.start())
        closing = _CLOSING[opened[1]]
        message = f"this is not a Jinja2 template: `{opened[1]}` has no `{closing}`"
        return Finding("T01", message, Position(file, line, column), f"close it with `{closing}`")
    message = f"this is not a Jinja2 template: {(error.message or 'unknown error').rstrip('.')}"
    return Finding("T01", message, Position(file, error.lineno, _indent(source, error.lineno)), _HINT)


def _find_open(source: str) -> re.Match[str] | None:
    """Return the first opening bracket of a template that is not closed before the next one; None if there is none."""
    for match in _BRACKETS.finditer(source):
        if match[1] is not None and not source.startswith(_CLOSING[match[1]], match.end()):
            return match
    return None


def _finding(file: str, line: int, column: int, text: str) -> Finding:
    message, _, hint = text.partition("; ")
    return Finding("T01", message, Position(file, line, column), hint)


def _indent(source: str, line: int) -> int:
    """Return the column of the first text in a line."""
    text = source.split("\n")[line - 1]
    return len(text) - len(text.lstrip()) + 1


def _values(source: str) -> Iterator[_Fault]:
    for number, line in enumerate(source.split("\n"), 1):
        for match in re.finditer(r"\{\{.*?\}\}", line):
            before, after = line[: match.start()], line[match.end() :]
            if before.strip().startswith("#"):
                continue
            if not _BEFORE.match(before) or not _AFTER.match(after):
                yield number, match.start() + 1, f"{match[0]} is not a whole value or key; {_whole(before)}"


def _whole(before: str) -> str:
    """Return how to make a slot a whole value; `before` is the text before it in its line."""
    if re.search(r"[\[{]", re.sub(r"\{\{.*?\}\}", "", before)):
        return "write `key: {{ x }}` in a line of its own, without braces and brackets around it"
    return 'write {{ "a-" ~ x }}, not a-{{ x }}'


def _literals(source: str) -> Iterator[_Fault]:
    for number, line in enumerate(source.split("\n"), 1):
        before = line.partition("#")[0].rstrip()
        text = before.lstrip()
        while text.startswith("- "):
            text = text[2:].lstrip()
        key, colon, value = text.partition(": ")
        text = value.lstrip() if colon and not re.search(r"[\s:]", key) else text
        if not text.startswith("{%") and _AMBIGUOUS.match(text):
            column = len(before) - len(text) + 1
            yield number, column, f'the literal {text} is parsed differently by different tools; write "{text}"'


def _unknown(node: nodes.Node, language: Language) -> str:
    """Return the message for a filter or test that the language lacks; otherwise Jinja finds out when it gets there."""
    if isinstance(node, nodes.Filter) and node.name in _TEXT_FILTERS and language.yaml:
        return f"the filter `{node.name}` returns text; the emitter quotes values"
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        known = closest(node.name, FILTERS) or list_known("filters", FILTERS)
        return f"found the filter `{node.name}`, expected one that templates have; {known}"
    if isinstance(node, nodes.Test) and node.name not in TESTS:
        known = closest(node.name, TESTS) or list_known("tests", TESTS)
        return f"found the test `{node.name}`, expected one that templates have; {known}"
    return ""
