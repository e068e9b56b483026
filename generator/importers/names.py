"""Convert the names of other systems to names of files and folders."""

from __future__ import annotations

import re


def slug(text: str, fallback: str) -> str:
    """Return `text` as a folder or model name of lower-case ASCII letters, digits and dashes, at most 50 characters.

    `fallback` if no such character is left.
    """
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:50].strip("-")
    return plain or fallback
