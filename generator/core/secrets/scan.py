"""Find secrets in a text: known ones, those in known surroundings, and values of names such as HF_TOKEN.

The strings of a YAML file are only looked up if the text assigns something to such a name, or if it has escapes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from generator.core.secrets.names import assigns_to_name, describe, find_assignments, is_secret, is_sensitive
from generator.core.secrets.span import Span, merge_spans
from generator.core.secrets.triggers import find_applicable
from generator.core.yaml.scalars import scalars

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from generator.core.secrets.triggers import Rule
    from generator.core.yaml.scalars import Scalar

HIDDEN: Final = "***"
# An assignment that begins further to the right is not the first text of its line.
_INDENT: Final = 200
# The files of which the secrets are remembered: more than a repository of many services has.
_KEPT: Final = 20_000


@lru_cache(maxsize=_KEPT)
def find_secrets(raw: bytes) -> tuple[Span, ...]:
    """Return the secrets in a YAML file, with the ranges of their characters. The file may also be no YAML.

    Cached: a check and the output of a command both look for the secrets of all specs.
    """
    rules, has_names = find_applicable(raw)
    if not rules and not has_names:
        return ()
    text = raw.decode("utf-8", "replace")
    if text.startswith("\ufeff"):
        return tuple(replace(span, start=span.start + 1, end=span.end + 1) for span in find_secrets(text[1:].encode()))
    raw = text.encode()
    has_names = has_names and assigns_to_name(raw)
    strings = scalars(text) if has_names or (b"\\" in raw or b"''" in raw) else []
    found = [*_apply(rules, raw), *_in_escapes(text, strings)]
    return tuple(merge_spans([*found, *_named(text, raw, strings)] if has_names else found))


def hide_secrets(text: str) -> str:
    """Return a text that is no file, such as a message, without its secrets."""
    for span in reversed(merge_spans(_in_text(text))):
        text = text[: span.start] + HIDDEN + text[span.end :]
    return text


def _in_text(text: str) -> Iterator[Span]:
    raw = text.encode("utf-8", "replace")
    rules, has_names = find_applicable(raw)
    yield from _apply(rules, raw)
    if has_names:
        offset = _offsets(raw)
        for _, name, start, end in find_assignments(raw):
            yield Span(offset(start), offset(end), *describe(name))


def _apply(rules: Iterable[Rule], raw: bytes) -> Iterator[Span]:
    offset = _offsets(raw)
    for rule in rules:
        for span in rule.find(raw):
            yield replace(span, start=offset(span.start), end=offset(span.end))


def _named(text: str, raw: bytes, strings: Iterable[Scalar]) -> Iterator[Span]:
    """Yield the values of sensitive names: whole strings under such a key, and assignments inside strings."""
    # The value of a name that is a whole string is a whole string too, and needs no search.
    whole = {string.start + len(string.value) - len(string.value.lstrip("-")) for string in strings if _is_name(string)}
    for string in strings:
        name = next((name for name in string.names if is_sensitive(name)), None)
        if name is not None and is_secret(name, string.value):
            yield Span(string.start, string.end, *describe(name))
    offset = _offsets(raw)
    for at, name, start, end in find_assignments(raw):
        first, start, end = offset(at), offset(start), offset(end)
        if first not in whole:
            yield Span(start, _end(text, first, end), *describe(name))


def _is_name(string: Scalar) -> bool:
    return string.is_key or is_sensitive(string.value)


def _end(text: str, name: int, end: int) -> int:
    """Return where a value ends: at the end of its line if the assignment is the first text of a line."""
    before = text[max(0, name - _INDENT) : name].rpartition("\n")[2].strip(" \t")
    if before not in ("", "export") or text[end : end + 1] in ("'", '"'):
        return end
    stop = text.find("\n", end)
    rest = text[end : stop if stop >= 0 else len(text)].partition(" #")[0].rstrip()
    return end + len(rest.removesuffix(",").rstrip().rstrip("\"'"))


def _in_escapes(text: str, strings: Iterable[Scalar]) -> Iterator[Span]:
    """Yield a string with escapes as a whole if its value has a secret: the characters of the two differ."""
    for string in strings:
        has_escapes = string.style in ("'", '"') and text[string.start : string.end] != string.value
        if has_escapes and (found := list(_in_text(string.value))):
            value = "\n".join(string.value[span.start : span.end] for span in found)
            yield replace(found[0], start=string.start, end=string.end, value=value)


def _offsets(raw: bytes) -> Callable[[int], int]:
    """Return the conversion of offsets in bytes to offsets in characters."""
    if raw.isascii():
        return lambda offset: offset
    known = (0, 0)

    def convert(offset: int) -> int:
        nonlocal known
        start, characters = known if known[0] <= offset else (0, 0)
        known = offset, characters + len(raw[start:offset].decode("utf-8", "replace"))
        return known[1]

    return convert
