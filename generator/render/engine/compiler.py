"""Compile the text of a manifest template, once for all renderers of a process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import jinja2

from generator.render.engine.lint import lint, report_syntax_error

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from generator.core.finding import Finding


@dataclass(frozen=True, slots=True)
class CompiledSource:
    """The code of a template for an environment of `environment`, or the findings why there is none."""

    code: CodeType | None
    findings: tuple[Finding, ...] = ()


def environment(slot: Callable[[jinja2.runtime.Context, Any], str]) -> jinja2.Environment:
    """Return Jinja's settings for manifest templates; `slot` returns the text that stands for a value.

    `slot` must have been decorated with `pass_context`: otherwise Jinja folds constants, which then slip past it.
    """
    return jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        finalize=slot,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        autoescape=False,
    )


# Compiling needs only the settings: the code refers to the environment in which it runs.
_SETTINGS: Final = environment(jinja2.pass_context(lambda _, value: str(value)))


@lru_cache(maxsize=1024)
def compile_source(source: str, file: str, *, arithmetic: bool, loops: bool) -> CompiledSource:
    """Return the code of a template's text, or a finding for each forbidden construct.

    `file` is the name in findings; `arithmetic` and `loops` are as for `lint`.
    """
    try:
        tree = _SETTINGS.parse(source)
        findings = lint(tree, source, file, _SETTINGS, arithmetic=arithmetic, loops=loops)
        return CompiledSource(None, tuple(findings)) if findings else CompiledSource(_SETTINGS.compile(tree))
    except jinja2.TemplateSyntaxError as error:
        return CompiledSource(None, (report_syntax_error(source, file, error),))
