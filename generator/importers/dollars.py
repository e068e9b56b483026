"""`$$` of cube-studio's texts, which Kubernetes turned into `$`: a spec has what the process got."""

from __future__ import annotations

import re
from typing import Final

_DOUBLE: Final = re.compile(r"\$\$(?!\()")


def unescape(text: str) -> str:
    """Return a text with `$` for each `$$`; `$$(` is the escape of specs too, and stays."""
    return _DOUBLE.sub("$", text)
