"""Questions of programs, such as git, while this process works: the answers are there when they are needed."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

R = TypeVar("R")


def run_beside(work: Callable[[], R]) -> Callable[[], R]:
    """Start a function that mostly waits for programs, and return what waits for it: its result, or what it raises.

    The function must change nothing, as a run that fails before it asks for the result ends without it.
    """
    found, raised = list[R](), list[BaseException]()

    def run() -> None:
        try:
            found.append(work())
        except BaseException as error:  # raised where the result is needed
            raised.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()

    def wait() -> R:
        thread.join()
        if raised:
            raise raised[0]
        return found[0]

    return wait
