"""Stable ids for findings, so that a later run recognises them after lines have moved."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.core.finding import Finding


def fingerprints(findings: Sequence[Finding]) -> list[str]:
    """Return a distinct hash for each finding: of its id, file and message, and of a counter for repeated ones.

    Lines, hints (which may name a line) and environments are left out, so that the hash stays the same if they change.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    out = []
    for finding in findings:
        same = (finding.id, finding.position.file, finding.message)
        seen[same] += 1
        # The message may contain any character, so it is last: different parts then never give the same string.
        text = "\0".join((finding.id, str(seen[same]), finding.position.file, finding.message))
        out.append(hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest())
    return out
