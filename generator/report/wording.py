"""The wording of a finding that all text formats share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.core.finding import Finding


def sentence(finding: Finding) -> str:
    """Return the message, with the environments in which the finding applies."""
    where = f" (in {', '.join(finding.environments)})" if finding.environments else ""
    return finding.message + where


def notes(finding: Finding) -> list[str]:
    """Return the additional positions and the hint, a line each."""
    hint = [f"hint: {finding.hint}"] if finding.hint else []
    return [*(f"also: {position}" for position in finding.also), *hint]


def explain(finding: Finding) -> str:
    """Return everything except the position, a line each."""
    return "\n".join([sentence(finding), *notes(finding)])
