"""Where the processor time of a cold render goes: `python -m tests.bench --stages`.

Each run is `servegen render --no-cache` in a process of its own, on one processor, so that it forks no workers. The
functions in which a stage begins are replaced by ones that read the processor time at their start and end; the time
within a function belongs to the innermost stage. A profiler would slow down small functions more than large ones.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import reduce, wraps
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.fleet import make_fleet

_START = "start of Python, and all modules"
_REST = "findings, capacity, collisions of names, the command line"
_STAGES = {
    "reading and parsing specs": (
        "generator.repo.repository:read_spec_files",
        "generator.pipeline.spec_memory:read_spec_file",
    ),
    "resolving: layers, servers, routes": (
        "generator.pipeline.fleet_memory:FleetMemory.resolve",
        "generator.pipeline.fleet_memory:FleetMemory.complete",
        "generator.pipeline.plan:route_fleet",
    ),
    "checks of specs and of the fleet": (
        "generator.pipeline.plan:check_files",
        "generator.pipeline.plan:run_checks",
        "generator.pipeline.plan:find_template_mistakes",
        "generator.pipeline.plan:find_schema_mistakes",
    ),
    "rendering objects of bases and environments": ("generator.pipeline.app:render_app",),
    "patches: the difference to the base": ("generator.render.app:patch_for",),
    "emitting YAML": ("generator.render.app:dump", "generator.render.app:documents"),
    "schemas of all objects": ("generator.schemas.embedded:validate",),
    "checks of all objects, grants": ("generator.pipeline.app:validate_app",),
    "comparing and writing files": (
        "generator.repo.worktree:compare",
        "generator.repo.worktree:write",
        "generator.cli.render_command:find_local_changes",
    ),
}
"""The functions in which each stage begins, as module and attribute."""


class Clock:
    """Processor time by stage, of this process and those it has started."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._stages = [_START]
        self._last = 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what happens within as time of this stage."""
        self._count()
        self._stages.append(name)
        try:
            yield
        finally:
            self._count()
            self._stages.pop()

    def replace(self, place: str, name: str) -> None:
        """Count the function `module:attribute` as this stage."""
        module, _, attribute = place.partition(":")
        *owners, last = attribute.split(".")
        owner = reduce(getattr, owners, import_module(module))
        setattr(owner, last, self._counted(getattr(owner, last), name))

    def _counted(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        @wraps(function)
        def counted(*arguments: Any, **named: Any) -> Any:
            with self.stage(name):
                return function(*arguments, **named)

        return counted

    def _count(self) -> None:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        now = time.process_time() + children.ru_utime + children.ru_stime
        self.seconds[self._stages[-1]] += now - self._last
        self._last = now


def measure_stages(base: Path, services: int, runs: int) -> str:
    """Return the stages of cold renders of a generated fleet as a table in Markdown. `base` is an empty folder."""
    make_fleet(base, services)
    seconds = [_run(base) for _ in range(runs)]
    totals = [sum(found.values()) for found in seconds]
    head = ("| stage | processor time | share |", "|---|---|---|")
    rows = (_row(name, [found[name] for found in seconds], totals) for name in (_START, *_STAGES, _REST))
    return "\n".join((*head, *rows, _row("all", totals, totals)))


def _row(name: str, seconds: list[float], totals: list[float]) -> str:
    share = median(own / total for own, total in zip(seconds, totals, strict=True))
    return f"| {name} | {median(seconds):.2f} s [{min(seconds):.2f}, {max(seconds):.2f}] | {share:.0%} |"


def _run(root: Path) -> dict[str, float]:
    for made in (root / "rendered", root / ".servegen"):
        shutil.rmtree(made, ignore_errors=True)
    printed = subprocess.run([sys.executable, "-m", __name__, root], capture_output=True, text=True, check=True).stdout
    found: dict[str, float] = json.loads(printed.splitlines()[-1])
    return found


def main(root: str) -> None:
    """Render the repository in `root`, and print the seconds of each stage as JSON."""
    from generator.cli.process_start import prepare_process

    prepare_process()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    from generator.cli.main import run

    clock = Clock()
    for name, places in _STAGES.items():
        for place in places:
            clock.replace(place, name)
    with clock.stage(_REST):
        code = run(["-C", root, "render", "--no-cache"])
    if code:
        raise SystemExit(code)
    print(json.dumps(clock.seconds))


if __name__ == "__main__":
    main(sys.argv[1])
