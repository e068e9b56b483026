"""The constructs that a manifest template may use.

A template that passes cannot produce wrong quoting or indentation.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from jinja2 import TemplateSyntaxError, nodes

from generator.core.finding import Finding, Position

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import jinja2

_BEFORE: Final = re.compile(r"\s*(?:- )*(?:(?:[^\s:#{}\[\]\"']+|\{\{[^{}]*\}\}): )?\Z")
_AFTER: Final = re.compile(r":?\s*(?:#.*)?\Z|: \S.*\Z")
_FORBIDDEN: Final[dict[type[nodes.Node], str]] = {
    nodes.For: "`for` is not allowed; pass the whole list as one value: `env: {{ pod.env }}`",
    nodes.Macro: "`macro` returns text; compute the value in the view instead",
    nodes.CallBlock: "`call` returns text; compute the value in the view instead",
    nodes.FilterBlock: "`filter` returns text; compute the value in the view instead",
    nodes.Include: "each file is one object; share values in the view instead",
    nodes.Extends: "each file is one object; share values in the view instead",
    nodes.Import: "each file is one object; share values in the view instead",
    nodes.FromImport: "each file is one object; share values in the view instead",
    nodes.AssignBlock: "block `set` returns text; compute the value in the view instead",
}
_TEXT_FILTERS: Final = {"safe", "tojson"}
_ARITHMETIC: Final = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow)
# Plain literals that parsers of YAML 1.1 and 1.2 read differently, or that surprise users.
_AMBIGUOUS: Final = re.compile(
    r"(?i:y|n|yes|no|on|off)\Z|[-+]?(?:0[0-9_]+|[0-9][0-9_]*(?:\.[0-9_]*|e[-+]?[0-9]+|(?::[0-9]+)+|_[0-9_]*))\Z"
    r"|\d{4}-\d\d?-\d\d?|[-+]?0[xob]"
)


_HINT: Final = "see the Template Designer Documentation of Jinja2 for the syntax"
# Line and column (from 1), and the text "message; hint".
_Fault = tuple[int, int, str]


def lint(
    source: str, file: str, environment: jinja2.Environment, *, arithmetic: bool = False, loops: bool = False
) -> list[Finding]:
    """Return a finding for each forbidden construct of a template.

    `arithmetic` allows arithmetic, for files that compute from cards; `loops` allows `for`, for files that list the
    models of a server.
    """
    try:
        tree = environment.parse(source)
    except TemplateSyntaxError as error:
        return [report_syntax_error(source, file, error)]
    constructs = (
        (line, _indent(source, line), text) for line, text in _constructs(tree, arithmetic=arithmetic, loops=loops)
    )
    unknown = ((line, _indent(source, line), text) for line, text in _unknown(tree, environment))
    faults = [*_values(source), *_literals(source), *constructs, *unknown]
    return [_finding(file, *fault) for fault in sorted(set(faults))]


def report_syntax_error(source: str, file: str, error: TemplateSyntaxError) -> Finding:
    """The finding for what Jinja cannot read, or cannot compile: an unknown filter or test."""
    message = f"this is not a Jinja2 template: {(error.message or 'unknown error').rstrip('.')}"
    return Finding("T01", message, Position(file, error.lineno, _indent(source, error.lineno)), _HINT)


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
                yield (
                    number,
                    match.start() + 1,
                    f'{match[0]} is not a whole value or key; write {{{{ "a-" ~ x }}}}, not a-{{{{ x }}}}',
                )


def _literals(source: str) -> Iterator[_Fault]:
    for number, line in enumerate(source.split("\n"), 1):
        match = re.match(r"\s*(?:- )*(?:[^\s:#]+: +)?([^\s#{\"'][^#]*?)\s*(?:#.*)?$", line)
        if match and not line.lstrip().startswith(("{%", "#")) and _AMBIGUOUS.match(match[1]):
            yield (
                number,
                match.start(1) + 1,
                f'the literal {match[1]} is parsed differently by different tools; write "{match[1]}"',
            )


def _constructs(tree: nodes.Template, *, arithmetic: bool, loops: bool) -> Iterator[tuple[int, str]]:
    for kind, message in _FORBIDDEN.items():
        if loops and kind is nodes.For:
            continue
        for node in tree.find_all(kind):
            yield (node.lineno, message)
    for call in tree.find_all(nodes.Filter):
        if call.name in _TEXT_FILTERS:
            yield (call.lineno, f"the filter `{call.name}` returns text; the emitter quotes values")
    for name in tree.find_all(nodes.Name):
        if name.name == "super":
            yield (name.lineno, "`super()` returns text; share values in the view instead")
    if not arithmetic:
        for operator in tree.find_all(_ARITHMETIC):
            yield (
                operator.lineno,
                "arithmetic belongs in the view; only templates/gpu, templates/nodes and templates/servers may have it",
            )


def _unknown(tree: nodes.Template, environment: jinja2.Environment) -> Iterator[tuple[int, str]]:
    """Filters and tests that do not exist; inside a condition Jinja itself sees that only when it gets there."""
    kinds: tuple[tuple[type[nodes.Filter | nodes.Test], str, Collection[str]], ...] = (
        (nodes.Filter, "filter", environment.filters),
        (nodes.Test, "test", environment.tests),
    )
    for kind, word, known in kinds:
        for use in tree.find_all(kind):
            if use.name not in known:
                yield use.lineno, f"found the {word} `{use.name}`, expected one of Jinja2's; {_HINT}"
