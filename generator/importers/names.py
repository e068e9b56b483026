"""The names of other systems as names of files and folders."""

from __future__ import annotations

import re


def slug(text: str, fallback: str) -> str:
    """A folder or model name: lower-case ASCII letters, digits and dashes; `fallback` where none is left."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:50].strip("-")
    return plain or fallback
