"""Convert strings of other systems to strings that a spec can contain."""

from __future__ import annotations

from typing import Any, Final

from generator.core.regex import regex

# Control characters except tab and line feed, lone surrogates, and the noncharacters U+FFFE and U+FFFF: not printable.
_UNPRINTABLE: Final = regex("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def legible(value: Any) -> Any:
    """Return a string, or the keys and strings of a mapping, without characters that no manifest can contain.

    CR LF becomes LF.
    """
    if isinstance(value, dict):
        return {legible(name): legible(item) for name, item in value.items()}
    return _UNPRINTABLE.sub("", value.replace("\r\n", "\n")) if isinstance(value, str) else value
