"""Common accidents that the YAML parser reports at another place, or in words that do not help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Position
from generator.core.fix import Fix
from generator.core.regex import regex

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Sequence

    import yaml

_ID: Final = "Y01"
_CONFLICT: Final = regex(r"(?:<{7}|>{7}|={7}|\|{7})(?:\s|\Z)")
_KEY: Final = regex(r"(?P<indent>\s*(?:- +)*)(?P<key>[^\s:：#\"'{\[]+)(?P<colon>[:：])(?P<value>.*)")
_TWO_KEYS: Final = regex(
    r"(?P<indent>\s*(?:- +)*)(?P<key>[^\s:#\"'{\[]+):\s+(?P<inner>[^\s:#\"'{\[]+):\s+(?P<value>[^#]*?)\s*(?:#|\Z)"
)
_NO_COLON: Final = regex(r"([a-z][a-z_]+)\s*(?:=|\s)\s*([^\s:=].*?)\s*\Z")
_UNEVEN: Final = regex("did not find expected (?:key|<document start>)|expected (?:<block end>|'<document start>')")
_REFERENCES: Final = ("secret", "configmap")
_PLACE: Final = regex(r"[-.a-z0-9]+/[-._a-zA-Z0-9]+\Z")


def find_conflict(lines: Sequence[str], file: str) -> Finding | None:
    """Return the finding for a merge conflict that Git left in the file, or None."""
    markers = [(number, line) for number, line in enumerate(lines, 1) if _CONFLICT.match(line)]
    opened = next((number for number, line in markers if line.startswith("<")), None)
    closed = next((number for number, line in markers if line.startswith(">") and opened and number > opened), None)
    if opened is None or closed is None:
        return None
    hint = f"keep one of the two versions in the lines {opened} to {closed}, and remove the lines with <, = and >"
    return Finding(_ID, "found a merge conflict, expected the version that was chosen", Position(file, opened), hint)


def find_accident(error: yaml.MarkedYAMLError, lines: Sequence[str], file: str) -> Finding | None:
    """Return the finding for a colon without a space, a full-width colon, or two keys in one line; None for others."""
    problem = error.problem or ""
    if "could not find expected ':'" in problem:
        start = error.context_mark.line if error.context_mark is not None else 0
        return next(_without_colon(lines, start, file), None)
    if "mapping values are not allowed" in problem and error.problem_mark is not None:
        return _nested(lines, error.problem_mark.line, file)
    if _UNEVEN.search(problem) and error.problem_mark is not None:
        return _uneven(lines, error.problem_mark.line, file)
    return None


def _without_colon(lines: Sequence[str], start: int, file: str) -> Iterator[Finding]:
    """Yield a finding for the key that starts at the line `start`."""
    line = lines[start] if start < len(lines) else ""
    match = _KEY.match(line)
    if match is not None and f"{match['colon']}{match['value'][:1]}" in (": ", ":\t"):
        return  # not this line: libyaml also ends lines at characters that are not visible
    if match is not None:
        what = "a full-width colon" if match["colon"] == "：" else "a colon without a space"
        position = Position(file, start + 1, match.start("colon") + 1)
        message = f"found {what} after {match['key']}, expected a colon and a space"
        fix = Fix(match["colon"], ": ")
        yield Finding(_ID, message, position, f"write {match['key']}: {_shown(match)}".rstrip(), fix=fix)
    elif (pair := _NO_COLON.match(line)) is not None:
        position = Position(file, start + 1, pair.end(1) + 1)
        message = f"found no colon after {pair[1]}, expected a colon and a space"
        fix = Fix(line[pair.end(1) : pair.start(2)], ": ")
        yield Finding(_ID, message, position, f"write {pair[1]}: {pair[2]}", fix=fix)
    elif line.strip():
        position = Position(file, start + 1, len(line) - len(line.lstrip()) + 1)
        yield Finding(_ID, "found a line without a colon, expected a key", position, "write `key: value`, or remove it")


def _uneven(lines: Sequence[str], number: int, file: str) -> Finding | None:
    """Return the finding for a key that is in no mapping above it, since it is indented more or less than its keys."""
    own = _KEY.match(lines[number]) if number < len(lines) else None
    if own is None or "-" in own["indent"]:
        return None
    indent, outer, inner = len(own["indent"]), None, None
    for above in filter(None, map(_KEY.match, (line for line in reversed(lines[:number]) if line.strip()[:1] != "#"))):
        if len(above["indent"]) <= indent:
            outer = above
            break
        inner = above if inner is None or len(above["indent"]) <= len(inner["indent"]) else inner
    if inner is None:
        return None
    places = " or ".join(f"by {len(key['indent'])} as {key['key']}" for key in (outer, inner) if key is not None)
    message = f"found {own['key']} indented by {indent}, expected {places}"
    hint = "indent the keys of a mapping by the same number of spaces"
    return Finding(_ID, message, Position(file, number + 1, indent + 1), hint)


def _shown(match: re.Match[str]) -> str:
    """Return the value as a hint shows it: one below a name that a person chose may be a secret."""
    return "…" if match["indent"] and match["value"].strip() else match["value"].strip()


def _nested(lines: Sequence[str], number: int, file: str) -> Finding | None:
    line = lines[number] if number < len(lines) else ""
    match = _TWO_KEYS.match(line)
    if match is not None and match["value"]:
        key, inner, value = match["key"], match["inner"], match["value"]
        if inner in _REFERENCES:
            hint = f"write {key}: {{{inner}: {value if _PLACE.match(value) else 'name/key'}}}"
        else:
            value = _shown(match)
            hint = f'write {key}: {{{inner}: {value}}}, or {key}: "{inner}: {value}" if it is one text'
        message = f"found two keys in one line, {key} and {inner}, expected one"
        return Finding(_ID, message, Position(file, number + 1, match.start("inner") + 1), hint)
    if number and _NO_COLON.match(lines[number - 1]):
        return next(_without_colon(lines, number - 1, file), None)
    above = _KEY.match(lines[number - 1]) if number else None
    if above is not None and (above["colon"] == "：" or above["value"][:1].strip()):
        return next(_without_colon(lines, number - 1, file), None)
    return _indented(lines, number, file)


def _indented(lines: Sequence[str], number: int, file: str) -> Finding | None:
    """Return the finding for a key that is indented below a key which has a value."""
    own, above = (_KEY.match(lines[at]) if 0 <= at < len(lines) else None for at in (number, number - 1))
    if own is None or above is None or not above["value"].strip() or len(own["indent"]) <= len(above["indent"]):
        return None
    message = f"found {own['key']} indented below {above['key']}, which has a value"
    position = Position(file, number + 1, own.start("key") + 1)
    hint = f"indent it as much as {above['key']}, or remove the value there"
    fix = Fix(f"{own['indent']}{own['key']}", f"{above['indent']}{own['key']}")
    return Finding(_ID, message, position, hint, fix=fix if _is_last(lines, number) else None)


def _is_last(lines: Sequence[str], number: int) -> bool:
    """Return whether no other key below the line is indented as it is, so that it alone is in the wrong place."""
    indent = _indent(lines[number])
    below = (_indent(line) for line in lines[number + 1 :] if line.strip()[:1] not in ("", "#"))
    return next((other for other in below if other <= indent), -1) < indent


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
