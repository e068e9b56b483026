"""By what a finding is known to be the one of an earlier run, although its lines have moved."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.core.finding import Finding


def fingerprints(findings: Sequence[Finding]) -> list[str]:
    """A name for each, all different: of the id, the file and the message, and of a number where these are the same.

    Lines, hints (one may name a line) and environments are left out: a finding stays the same when they change.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    out = []
    for finding in findings:
        same = (finding.id, finding.position.file, finding.message)
        seen[same] += 1
        # The message may hold anything, so it comes last: no two lists of parts make one text.
        text = "\0".join((finding.id, str(seen[same]), finding.position.file, finding.message))
        out.append(hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest())
    return out
