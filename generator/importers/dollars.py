"""`$$` of cube-studio's texts, which Kubernetes turned into `$`: a spec has what the process got."""

from __future__ import annotations

from typing import Final

from generator.core.regex import regex

_DOUBLE: Final = regex(r"\$\$(?!\()")


def unescape(text: str) -> str:
    """Return a text with `$` for each `$$`; `$$(` is the escape of specs too, and stays."""
    return _DOUBLE.sub("$", text)
