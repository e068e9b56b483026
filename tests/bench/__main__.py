"""`make bench`: render and validate a generated fleet of N services in three environments, as whole processes.

Prints figures and ratios, and checks no limit. Output is written to memory-backed storage if the machine has it.
"""

from __future__ import annotations

import argparse
import math
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from tests.bench.diff import measure_diffs
from tests.bench.fleet import PER_APP, make_fleet
from tests.bench.peers import measure_peers
from tests.bench.process import run, spread
from tests.conftest import find_program

_RUNS = 3


def _measure(services: int, base: Path) -> float:
    cold, warm, files, size = [], [], 0, 0.0
    with tempfile.TemporaryDirectory(dir=base) as folder:
        root = Path(folder)
        make_fleet(root, services)
        command = [str(Path(sys.executable).parent / "servegen"), "render"]
        for _ in range(_RUNS):
            shutil.rmtree(root / "rendered", ignore_errors=True)
            shutil.rmtree(root / ".servegen", ignore_errors=True)
            cold.append(run([*command, "--no-cache"], root))
            warm.append(run(command, root))
        files = sum(path.is_file() for path in (root / "rendered").rglob("*"))
        size = max(run[2] for run in cold)
        wall, cpu = median(run[0] for run in cold), median(run[1] for run in cold)
        objects = _objects(root, command)
        print(
            f"{services:>6} x 3   wall {wall:6.2f} s   cpu {cpu:6.2f} s   "
            f"unchanged {median(run[0] for run in warm):6.2f} s   "
            f"peak {size:5.0f} MB   {files:>6} files   {objects:>6} objects   {objects / wall:>7.0f} objects/s"
        )
        if services == 30:
            _kustomize(root)
    return cpu


def _objects(root: Path, command: list[str]) -> int:
    said = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    return int(said.split(" objects")[0].split()[-1])


def _kustomize(root: Path) -> None:
    binary = find_program("kustomize")
    if binary is None:
        print("  kustomize is not installed: no figure for scale")
        return
    overlay = root / "rendered" / "bench" / "model-0000" / "overlays" / "prod"
    walls = [run([str(binary), "build", str(overlay)], root)[0] for _ in range(_RUNS)]
    print(f"  for scale: one `kustomize build` of an overlay with {PER_APP} services takes {median(walls):.2f} s")


def compare(other: Path, base: Path, services: int = 1000) -> None:
    """Print the ratio of this version's CPU time and memory to those of another `servegen`, run alternately."""
    own = Path(sys.executable).parent / "servegen"
    print(f"ratios of {own} to {other}, {_RUNS} pairs, median [lowest, highest]:")
    with tempfile.TemporaryDirectory(dir=base) as folder:
        root, before = Path(folder, "own"), Path(folder, "other")
        make_fleet(root, services)
        make_fleet(before, services, grants='"grants"' in _schema(other))
        for arguments in (["render"], ["validate", "--engine", "embedded"], ["validate"], ["--version"]):
            pairs = [(_fresh_run(own, arguments, root), _fresh_run(other, arguments, before)) for _ in range(_RUNS)]
            cpu, peak = ([new[at] / old[at] for new, old in pairs] for at in (1, 2))
            memory = f"{pairs[0][0][2]:.0f} / {pairs[0][1][2]:.0f} MB"
            print(f"  {' '.join(arguments):28} cpu {spread(cpu)}   peak {spread(peak)} ({memory})")


def _schema(program: Path) -> str:
    return subprocess.run([str(program), "schema", "platform"], capture_output=True, text=True, check=True).stdout


def _fresh_run(program: Path, arguments: list[str], root: Path) -> tuple[float, float, float]:
    if arguments == ["render"]:
        shutil.rmtree(root / "rendered", ignore_errors=True)
        shutil.rmtree(root / ".servegen", ignore_errors=True)
    return run([str(program), *arguments], root)


def main() -> None:
    """Print the table, the slope from 100 to 1,000 services, the costs of a change, and the start-up time.

    With --against, print ratios to another version; with --peers, to other programs.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--against", type=Path, help="another installed servegen: print ratios only")
    parser.add_argument(
        "--peers", type=Path, help="a Python interpreter with kcl-lib or jsonnet: print ratios to these"
    )
    asked = parser.parse_args()
    against: Path | None = asked.against
    base = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())
    if against is not None:
        compare(against.resolve(), base)
        return
    if asked.peers is not None:
        with tempfile.TemporaryDirectory(dir=base) as folder:
            measure_peers(Path(folder), str(asked.peers), 1000, _RUNS)
        return
    cpu = {services: _measure(services, base) for services in (30, 100, 300, 1000)}
    print(f"slope from 100 to 1,000 (cpu ~ services^k): k = {math.log10(cpu[1000] / cpu[100]):.2f}")
    measure_diffs(run, make_fleet, str(Path(sys.executable).parent / "servegen"), base, 1000, _RUNS)
    version = [str(Path(sys.executable).parent / "servegen"), "--version"]
    start = median(run(version, base)[0] for _ in range(9)) * 1000
    print(f"servegen --version: {start:.0f} ms")


if __name__ == "__main__":
    main()
