"""Work beside the work of the process: its result, or what it raises, comes where it is asked for."""

from __future__ import annotations

from threading import Event

import pytest

from generator.core.errors import ToolError
from generator.core.programs.beside import run_beside


def test_the_work_runs_until_its_result_is_asked_for() -> None:
    begun, may_end = Event(), Event()

    def work() -> str:
        begun.set()
        return "done" if may_end.wait(60) else ""

    ask = run_beside(work)
    assert begun.wait(60)
    may_end.set()
    assert (ask(), ask()) == ("done", "done")


def test_what_the_work_raises_is_raised_where_its_result_is_asked_for() -> None:
    def work() -> str:
        raise ToolError("git is not usable")

    ask = run_beside(work)
    with pytest.raises(ToolError, match="git is not usable"):
        ask()
