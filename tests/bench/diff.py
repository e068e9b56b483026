"""The part of `make bench` about changes: what `servegen diff` of one edit costs, as ratios to a cold render."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from generator.core.paths import templates_root

Run = Callable[[list[str], Path], tuple[float, float, float]]
MakeFleet = Callable[[Path, int], None]

_TEMPLATE: Final = "service/base/20-deployment.yaml.j2"
_EDITS: Final = {
    "one edit of a service": (
        "services/bench/model-0000/model-0000-202611011.yaml",
        "memory: 5G",
        "memory: 6G",
    ),
    "a line of a template": (f"templates/{_TEMPLATE}", "revisionHistoryLimit: 5", "revisionHistoryLimit: 6"),
}


def measure_diffs(run: Run, make_fleet: MakeFleet, program: str, base: Path, services: int, runs: int) -> None:
    """Print wall and CPU of `affected` and `diff` after one edit, each as a ratio to a cold render run beside it."""
    print(f"ratios to a cold render of {services} x 3, {runs} pairs, median [lowest, highest]:")
    with tempfile.TemporaryDirectory(dir=base) as folder:
        root = Path(folder)
        make_fleet(root, services)
        own = root / "templates" / _TEMPLATE
        own.parent.mkdir(parents=True)
        own.write_bytes((templates_root() / _TEMPLATE).read_bytes())
        _commit(root)
        for name, (file, old, new) in _EDITS.items():
            text = (root / file).read_text(encoding="utf-8")
            assert old in text, f"{file} has no {old}"
            (root / file).write_text(text.replace(old, new), encoding="utf-8")
            for arguments in (["affected"], ["diff", "--output", "markdown"]):
                pairs = [(run([program, *arguments], root), _cold(run, program, root)) for _ in range(runs)]
                print(f"  {name:22} {arguments[0]:9} {_ratios(pairs)}")
            (root / file).write_text(text, encoding="utf-8")


def _commit(root: Path) -> None:
    names = ("-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgSign=false")
    for arguments in (("init", "-q"), ("add", "services", "templates"), (*names, "commit", "-qm", "base")):
        subprocess.run(["git", *arguments], cwd=root, check=True)


def _cold(run: Run, program: str, root: Path) -> tuple[float, float, float]:
    """Render into a folder of the repository that has no rendered files."""
    for made in (root / "rendered", root / ".servegen"):
        shutil.rmtree(made, ignore_errors=True)
    return run([program, "render", "--no-cache"], root)


def _ratios(pairs: list[tuple[tuple[float, float, float], tuple[float, float, float]]]) -> str:
    wall, cpu = (sorted(one[at] / other[at] for one, other in pairs) for at in (0, 1))
    middle = len(pairs) // 2
    seconds = sorted(one[0] for one, _ in pairs)[middle]
    spread = [f"{found[middle]:.2f} [{found[0]:.2f}, {found[-1]:.2f}]" for found in (wall, cpu)]
    return f"wall {spread[0]}   cpu {spread[1]}   ({seconds:.2f} s)"
