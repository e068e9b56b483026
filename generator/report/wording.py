"""What a problem says, in the words that all formats for people share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.core.finding import Problem


def sentence(problem: Problem) -> str:
    """The message, with the environments in which it holds."""
    where = f" (in {', '.join(problem.environments)})" if problem.environments else ""
    return problem.message + where


def notes(problem: Problem) -> list[str]:
    """The other places that take part, and the way out."""
    hint = [f"hint: {problem.hint}"] if problem.hint else []
    return [*(f"also: {position}" for position in problem.also), *hint]


def explained(problem: Problem) -> str:
    """All of it but the place, a line each."""
    return "\n".join([sentence(problem), *notes(problem)])
