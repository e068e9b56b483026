"""Run work in a process of its own that ends when it takes too much memory or processor time."""

from __future__ import annotations

import os
import pickle
import resource
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_KIB: Final = 1024


def run(work: Callable[[], T], *, megabytes: int, cpu_seconds: int) -> T:
    """Return the result of `work`. Raises AssertionError if it is killed at a limit, or ends with an exception.

    The limits are beyond what this process has used so far. A process may renew its time with `renew`.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _limit(megabytes)
        renew(cpu_seconds)
        _answer(work, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    assert status == 0, f"the process ended with {os.waitstatus_to_exitcode(status)}"
    result: T = pickle.loads(told)
    return result


def _answer(work: Callable[[], object], writing: int) -> NoReturn:
    code = 1
    try:
        told = pickle.dumps(work())
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(told)
        code = 0
    finally:
        os._exit(code)


def renew(cpu_seconds: int) -> None:
    """Let this process be killed when it has used more processor time from now on."""
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)


def _limit(megabytes: int) -> None:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + megabytes * _KIB * _KIB
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
