"""Run a command as a whole process and measure it."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from statistics import median

Run = tuple[float, float, float]
"""Wall and processor seconds including child processes, and the peak MB of the largest process."""


def run(command: list[str], folder: Path) -> Run:
    """Run a command and measure it. Raises CalledProcessError if it fails."""
    start = time.perf_counter()
    # As for an installed package, modules are compiled once, and not at each start.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command)
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def spread(ratios: list[float]) -> str:
    """Return the median of some ratios, with the lowest and the highest."""
    return f"{median(ratios):.2f} [{min(ratios):.2f}, {max(ratios):.2f}]"
