"""The wording of a finding that all text formats share.

A finding quotes what others wrote, so each part is on one line and has no control characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.core.printable import printable_line

if TYPE_CHECKING:
    from generator.core.finding import Finding


def sentence(finding: Finding) -> str:
    """Return the message, with the environments in which the finding applies."""
    where = f" (in {', '.join(finding.environments)})" if finding.environments else ""
    return printable_line(finding.message + where)


def notes(finding: Finding) -> list[str]:
    """Return the additional positions and the hint, a line each."""
    hint = [f"hint: {finding.hint}"] if finding.hint else []
    return [printable_line(note) for note in (*(f"also: {position}" for position in finding.also), *hint)]


def explain(finding: Finding, page: str = "") -> str:
    """Return everything except the position, a line each; last the address of the page of the id, if it has one."""
    return "\n".join([sentence(finding), *notes(finding), *([f"see {page}"] if page else [])])
