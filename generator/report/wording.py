"""What a problem says, in the words that all formats for people share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.core.finding import Finding


def sentence(finding: Finding) -> str:
    """The message, with the environments in which it holds."""
    where = f" (in {', '.join(finding.environments)})" if finding.environments else ""
    return finding.message + where


def notes(finding: Finding) -> list[str]:
    """The other places that take part, and the way out."""
    hint = [f"hint: {finding.hint}"] if finding.hint else []
    return [*(f"also: {position}" for position in finding.also), *hint]


def explain(finding: Finding) -> str:
    """All of it but the place, a line each."""
    return "\n".join([sentence(finding), *notes(finding)])
