"""Compile the text of a template, once for all renderers of a process."""

from __future__ import annotations

import warnings
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import jinja2
from jinja2 import nodes
from msgspec import Struct

from generator.core.finding import Finding, Position
from generator.core.kept_code import KeptCode, kept_code
from generator.core.regex import regex
from generator.render.engine.code_generator import pay_for_loops
from generator.render.engine.environment import TemplateEnvironment
from generator.render.engine.language import language_of
from generator.render.engine.lint import lint, report_syntax_error
from generator.render.engine.shapes import CLOSE, OPEN

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from generator.core.template_loader import TemplateLoader
    from generator.render.engine.language import Language

# Generous for a template, and small enough that reading a crafted one takes no time.
MAX_CHARACTERS: Final = 32_768
MAX_LINE: Final = 1_000
# A line number in what a template renders, told from a slot by its letter.
_LINE: Final = "L"
_NUMBER: Final = regex(f"{OPEN}{_LINE}([0-9]+){CLOSE}")
# Compiling needs only the settings: the code refers to the environment in which it runs.
_SETTINGS: Final = TemplateEnvironment(jinja2.pass_context(lambda _, value: str(value)))


class CompiledSource(Struct, frozen=True):
    """The code of a template for a TemplateEnvironment, or the findings why there is none."""

    code: CodeType | None
    findings: tuple[Finding, ...] = ()


def compile_template(loader: TemplateLoader, name: str) -> CompiledSource:
    """Return the code of the template `name` (a path below templates/), or the findings why it has none."""
    source = loader.text(name)
    return _compile_shipped(source, name) if loader.has_shipped_text(name) else _compile(source, name)


@lru_cache(maxsize=1024)
def _compile_shipped(source: str, name: str) -> CompiledSource:
    """Return the code of a shipped template, which an earlier process may have kept."""
    kept = _kept()
    code = kept.find(name, source, lambda: _compile(source, name).code) if kept is not None else None
    return CompiledSource(code) if code is not None else _compile(source, name)


def _compile(source: str, name: str) -> CompiledSource:
    return compile_source(source, f"templates/{name}", language_of(name))


@cache
def _kept() -> KeptCode | None:
    return kept_code(Path(__file__).parent, [Path(jinja2.__file__).parent])


@lru_cache(maxsize=1024)
def compile_source(source: str, file: str, language: Language) -> CompiledSource:
    """Return the code of a template's text, or the findings why it has none. `file` is the name in findings."""
    findings = _sizes(source, file)
    if findings:
        return CompiledSource(None, tuple(findings))
    try:
        tree = _SETTINGS.parse(source)
        findings = lint(tree, source, file, language)
        return CompiledSource(None, tuple(findings)) if findings else CompiledSource(_code(tree))
    except jinja2.TemplateSyntaxError as error:
        return CompiledSource(None, (report_syntax_error(source, file, error),))
    except (RecursionError, MemoryError, SyntaxError):  # of Python's own compiler: blocks or brackets in each other
        return CompiledSource(None, (_refusal(file, 1, "this template nests too deeply", "nest fewer blocks"),))
    except ValueError as error:  # of a number with thousands of digits
        return CompiledSource(None, (_refusal(file, 1, f"this is not a Jinja2 template: {error}", "write less"),))


def _code(tree: nodes.Template) -> CodeType:
    pay_for_loops(tree)
    with warnings.catch_warnings():
        # Python warns of odd expressions, and looks for the line in a file that has the name of the code.
        warnings.simplefilter("ignore", SyntaxWarning)
        return _SETTINGS.compile(tree)


@lru_cache(maxsize=64)
def compile_with_lines(source: str) -> CodeType:
    """Return the code of a template that compiles, which ends each line of its text with the line's own number.

    `split_lines` takes the numbers out of what it renders.
    """
    tree = _SETTINGS.parse(source)
    for data in tree.find_all(nodes.TemplateData):
        first, *rest = data.data.split("\n")
        marked = (f"{OPEN}{_LINE}{data.lineno + number}{CLOSE}\n{text}" for number, text in enumerate(rest))
        data.data = first + "".join(marked)
    return _code(tree)


def compile_outline(source: str, number: Callable[[nodes.Expr], int]) -> CodeType:
    """Return the code of a template that compiles and puts out the number of each value as its slot, not the value.

    Raises ValueError if it assigns names: what a value is then depends on where it is.
    """
    tree = _SETTINGS.parse(source)
    if any(isinstance(node, nodes.Assign | nodes.For) for node in tree.find_all(nodes.Node)):
        raise ValueError("a template that assigns names")
    for output in tree.find_all(nodes.Output):
        output.nodes = [
            one
            if isinstance(one, nodes.TemplateData)
            else nodes.TemplateData(f"{OPEN}{number(one)}{CLOSE}", lineno=one.lineno)
            for one in output.nodes
        ]
    return _code(tree)


def compile_expression(expression: nodes.Expr) -> CodeType:
    """Return the code of a template that puts out one value."""
    tree = nodes.Template([nodes.Output([expression], lineno=1)], lineno=1)
    tree.set_environment(_SETTINGS)
    return _code(tree)


def split_lines(text: str) -> tuple[str, list[int]]:
    """Return what `compile_with_lines` rendered without the numbers, and for each line that of the template."""
    numbers = [int(number) for number in _NUMBER.findall(text)]
    return _NUMBER.sub("", text), [*numbers, numbers[-1] if numbers else 1]


def _sizes(source: str, file: str) -> list[Finding]:
    if len(source) > MAX_CHARACTERS:
        message = f"the template has {len(source):,} characters, expected at most {MAX_CHARACTERS:,}"
        return [_refusal(file, 1, message, "split it into several templates")]
    if OPEN in source or CLOSE in source:
        return [_refusal(file, 1, "the template has the private-use character U+E000 or U+E001", "remove it")]
    return [
        _refusal(file, number, f"this line has {len(line):,} characters, expected at most {MAX_LINE:,}", "break it")
        for number, line in enumerate(source.split("\n"), 1)
        if len(line) > MAX_LINE
    ]


def _refusal(file: str, line: int, message: str, hint: str) -> Finding:
    return Finding("T01", message, Position(file, line, 1), hint)
