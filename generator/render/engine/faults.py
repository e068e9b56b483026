"""Positions of template errors: maps errors of Jinja and the YAML parser to a line of the template's own text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Position
from generator.core.regex import regex

if TYPE_CHECKING:
    import jinja2

# The modules that do what a template says: an error in them is the template's.
_OPERATIONS: Final = tuple(
    f"generator.render.engine.{name}" for name in ("budget", "environment", "filters", "operations")
)
_VALUE: Final = regex("\\{\\{.*?\\}\\}|\ue000\\d+\ue001")


class ShapeError(Exception):
    """A template rendered to something that is no object; `line` and `column` are in the rendered text (from 0)."""

    def __init__(self, message: str, hint: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint
        self.line, self.column = line, column


def report_template(id: str, file: str, source: str, line: int, message: str, hint: str, word: str = "") -> Finding:
    """Return a finding in a line of a template: at `word` if the line has it, else at the first text of the line."""
    text = dict(enumerate(source.split("\n"), 1)).get(line, "")
    found = re.search(rf"(?<![\w.]){re.escape(word)}\b", text) if word else None
    column = found.start() if found else len(text) - len(text.lstrip())
    return Finding(id, message, Position(file, line, column + 1), hint)


def report_shape(file: str, source: str, rendered: str, error: ShapeError) -> Finding:
    """Return the finding for a template that renders to no valid object."""
    line = find_template_line(source, rendered, error.line)
    return report_template("T02", file, source, line, error.message, error.hint)


def find_template_line(source: str, rendered: str, line: int) -> int:
    """Return the line of a template (from 1) that produced a line of its rendered text (from 0).

    A template has no loops, so its rendered lines are some of its own, in the same order.
    """
    lines = [_VALUE.sub("\ue000", text) for text in source.split("\n")]
    at = 0
    for text in rendered.split("\n")[: line + 1]:
        plain = _VALUE.sub("\ue000", text)
        at = next((number for number in range(at, len(lines)) if lines[number] == plain), at - 1) + 1
    return max(at, 1)


def report_runtime(file: str, source: str, template: jinja2.Template, error: Exception) -> Finding | None:
    """Return the finding for an error while a template ran, or None if servegen's own code raised it."""
    line, innermost = 1, ""
    traceback = error.__traceback__
    while traceback is not None:
        names = traceback.tb_frame.f_globals
        innermost = str(names.get("__name__", ""))
        if names.get("__jinja_template__") is not None or traceback.tb_frame.f_code.co_filename == "<template>":
            innermost = ""
            if traceback.tb_frame.f_code.co_name == "root":
                line = template.get_corresponding_lineno(traceback.tb_lineno)
        traceback = traceback.tb_next
    if innermost.startswith("generator.") and innermost not in _OPERATIONS:
        return None
    message = f"this line cannot be evaluated: {getattr(error, 'message', None) or error}"
    hint = getattr(error, "hint", None) or "use a value that the view provides, with its type"
    return report_template("T02", file, source, line, message, hint)
