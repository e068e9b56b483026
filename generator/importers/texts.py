"""Texts of other systems as a spec can hold them."""

from __future__ import annotations

import re
from typing import Any, Final

# Control characters but tab and line feed, halves of surrogate pairs, and what Unicode keeps free: none can be printed.
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def legible(value: Any) -> Any:
    """A text, or the texts and keys of a mapping, without characters that no manifest can hold; CR LF becomes LF."""
    if isinstance(value, dict):
        return {legible(name): legible(item) for name, item in value.items()}
    return _UNPRINTABLE.sub("", value.replace("\r\n", "\n")) if isinstance(value, str) else value
