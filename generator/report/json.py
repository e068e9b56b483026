"""Problems for programs: a JSON list, one object per problem, in the same order as the text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.core.finding import Position, Problem


def report(problems: Sequence[Problem], sources: Mapping[str, bytes]) -> str:
    """`[{id, severity, message, hint, file, line, column, environments, also: [{file, line, column}]}]`."""
    del sources  # a program reads the files itself
    return json.dumps([_problem(problem) for problem in problems], ensure_ascii=False, indent=2) + "\n"


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "id": problem.id,
        "severity": str(problem.severity),
        "message": problem.message,
        "hint": problem.hint,
        **_place(problem.position),
        "environments": list(problem.environments),
        "also": [_place(position) for position in problem.also],
    }


def _place(position: Position) -> dict[str, Any]:
    return {"file": position.file, "line": position.line, "column": position.column}
