"""By what a finding is known to be the one of an earlier run, although its lines have moved."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.core.finding import Problem


def fingerprints(problems: Sequence[Problem]) -> list[str]:
    """A name for each, all different: of the id, the file and the message, and of a number where these are the same.

    Lines, hints (one may name a line) and environments are left out: a finding stays the same when they change.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    out = []
    for problem in problems:
        same = (problem.id, problem.position.file, problem.message)
        seen[same] += 1
        # The message may hold anything, so it comes last: no two lists of parts make one text.
        text = "\0".join((problem.id, str(seen[same]), problem.position.file, problem.message))
        out.append(hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest())
    return out
