"""Findings as text: the position, the message, the source line, and a hint."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from generator.core.finding import Severity
from generator.core.printable import printable_line
from generator.report.wording import notes, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from generator.core.finding import Finding, Position

_LONGEST_LINE = 120


def report(findings: Sequence[Finding], sources: Mapping[str, bytes]) -> str:
    """Return one block per finding, then a count; empty without findings."""
    if not findings:
        return ""
    lines = cache(lambda file: _lines(sources, file))
    blocks = [_block(finding, lines) for finding in findings]
    return "\n\n".join([*blocks, _count(findings)]) + "\n"


def block(finding: Finding, sources: Mapping[str, bytes]) -> str:
    """Return one finding, with its source line if `sources` contains it."""
    return _block(finding, lambda file: _lines(sources, file))


def _block(finding: Finding, lines_of: Callable[[str], list[str]]) -> str:
    lines = [f"{printable_line(str(finding.position))}: {finding.severity}: {sentence(finding)} [{finding.id}]"]
    lines += _excerpt(finding.position, lines_of(finding.position.file))
    lines += [f"  {note}" for note in notes(finding)]
    return "\n".join(lines)


def _lines(sources: Mapping[str, bytes], file: str) -> list[str]:
    return sources.get(file, b"").decode("utf-8", "replace").splitlines()


def _excerpt(position: Position, lines: list[str]) -> list[str]:
    if position.line > len(lines):
        return []
    line = lines[position.line - 1].replace("\t", " ")
    if not line.strip() or len(line) > _LONGEST_LINE:
        return []
    gutter = f"{position.line:>5} | "
    before, line = printable_line(line[: position.column - 1]), printable_line(line)
    width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in before)
    return [f"{gutter}{line}", f"{' ' * (len(gutter) - 2)}| {' ' * width}^"]


def _count(findings: Sequence[Finding]) -> str:
    counts = {severity: sum(p.severity is severity for p in findings) for severity in Severity}
    words = [f"{count} {severity}{'s' if count > 1 else ''}" for severity, count in counts.items() if count]
    return ", ".join(words)
