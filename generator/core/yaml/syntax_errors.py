"""The errors of the YAML parser as findings that users understand, with a hint for each common error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Position
from generator.core.yaml.accidents import find_accident, find_conflict

if TYPE_CHECKING:
    import yaml

_TAB_HINT: Final = "YAML does not allow tabs for indentation; use two spaces"


def by_depth(error: yaml.MarkedYAMLError) -> bool:
    """Return whether the parser stopped at its own limit on nesting; libyaml has one from 0.2.6 on, older ones have
    none."""
    return "maximum nesting depth" in (error.problem or "")


def too_deep(levels: int, file: str) -> Finding:
    """Return the finding for a file that is nested deeper than `levels`."""
    message = f"the file nests deeper than {levels} levels"
    return Finding("Y05", message, Position(file), "a spec needs about four levels; remove the nesting")


def explain_syntax_error(error: yaml.MarkedYAMLError, text: str, file: str) -> Finding:
    """Return the finding for a syntax error, at the position where a user would look for it."""
    unclosed = "unexpected end of stream" in (error.problem or "")
    mark = (error.context_mark if unclosed else None) or error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    lines = text.split("\n")
    if (known := find_conflict(lines, file)) is not None:
        return known
    found = lines[line] if line < len(lines) else ""
    reason = " ".join(part for part in (error.context, error.problem) if part)
    if "expected a single document" in reason:
        return Finding(
            "Y01",
            "found a second document, expected one",
            Position(file, line + 1, column + 1),
            "move it into a file of its own",
        )
    for look_at in (line, line - 1):
        if 0 <= look_at < len(lines) and (tab := re.match(r" *\t", lines[look_at])):
            position = Position(file, look_at + 1, tab.end())
            return Finding("Y01", "found a tab, expected spaces", position, _TAB_HINT)
    if (known := find_accident(error, lines, file)) is not None:
        return known
    if (accident := re.match(r"(\s*(?:- )?[^\s:]+:\s+)([*%&@`][^\s#]*)", found)) is not None:
        value = accident[2]
        position = Position(file, line + 1, len(accident[1]) + 1)
        message = f"found {value}, expected a value that does not start with {value[0]}"
        hint = "use one host, such as service" + value[1:] if value.startswith("*.") else f'quote it: "{value}"'
        return Finding("Y01", message, position, hint)
    return Finding(
        "Y01",
        f"this is not YAML: {reason}",
        Position(file, line + 1, column + 1),
        "check the indentation, and quote values that contain : # { } [ ] or start with a special character",
    )


def explain_reader_error(error: yaml.YAMLError, text: str, file: str) -> Finding:
    """Return the finding for a character that YAML does not allow, at its position."""
    bad = re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    if bad is None:
        return Finding("Y01", f"this is not YAML: {error}", Position(file), "check the file")
    before = text[: bad.start()]
    position = Position(file, before.count("\n") + 1, bad.start() - before.rfind("\n"))
    message = f"found the control character U+{ord(bad[0]):04X}, expected text"
    return Finding("Y02", message, position, 'write it as an escape in double quotes: "\\x07"')
