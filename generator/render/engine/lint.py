"""The constructs that a manifest template may use.

A template that passes cannot produce wrong quoting or indentation.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from jinja2 import nodes

from generator.core.finding import Finding, Position

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    tree: nodes.Template, source: str, file: str, environment: jinja2.Environment, *, arithmetic: bool, loops: bool
) -> list[Finding]:
    """Return a finding for each forbidden construct of a template; `tree` is what Jinja parsed from `source`.

    `arithmetic` allows arithmetic, for files that compute from cards; `loops` allows `for`, for files that list the
    models of a server.
    """
    faults = {*_values(source), *_literals(source)}
    for node in tree.find_all(nodes.Node):
        text = _forbidden(node, arithmetic=arithmetic, loops=loops) or _unknown(node, environment)
        if text:
            faults.add((node.lineno, _indent(source, node.lineno), text))
    return [_finding(file, *fault) for fault in sorted(faults)]


def report_syntax_error(source: str, file: str, error: jinja2.TemplateSyntaxError) -> Finding:
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


def _forbidden(node: nodes.Node, *, arithmetic: bool, loops: bool) -> str:
    """Return what is wrong with a construct wherever it stands, or an empty string."""
    if type(node) in _FORBIDDEN and not (loops and isinstance(node, nodes.For)):
        return _FORBIDDEN[type(node)]
    if isinstance(node, nodes.Filter) and node.name in _TEXT_FILTERS:
        return f"the filter `{node.name}` returns text; the emitter quotes values"
    if isinstance(node, nodes.Name) and node.name == "super":
        return "`super()` returns text; share values in the view instead"
    if isinstance(node, _ARITHMETIC) and not arithmetic:
        return "arithmetic belongs in the view; only templates/gpu, templates/nodes and templates/servers may have it"
    return ""


def _unknown(node: nodes.Node, environment: jinja2.Environment) -> str:
    """Return the message for a filter or test that does not exist; in a condition Jinja finds out only when it runs."""
    if isinstance(node, nodes.Filter) and node.name not in environment.filters:
        return f"found the filter `{node.name}`, expected one of Jinja2's; {_HINT}"
    if isinstance(node, nodes.Test) and node.name not in environment.tests:
        return f"found the test `{node.name}`, expected one of Jinja2's; {_HINT}"
    return ""
