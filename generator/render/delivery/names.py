"""One name of several: unique whatever the parts are, and short enough for a label value."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

_LONGEST: Final = 63
_DIGITS: Final = 8


def application_name(*parts: str, longest: int = _LONGEST) -> str:
    """The parts with dashes between them; where that could be read in two ways, or is too long, a hash stands behind.

    `a-b` and `c` would meet `a` and `b-c`. Whether a name has a hash depends on its own parts alone, so that an app
    which is added never renames another.
    """
    name = "-".join(parts)
    if len(name) <= longest and not any("-" in part for part in parts):
        return name
    digest = sha256("/".join(parts).encode()).hexdigest()[:_DIGITS]
    return f"{name[: longest - _DIGITS - 1].rstrip('-.')}-{digest}"
