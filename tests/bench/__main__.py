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
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.bench.comparison import compare_peers
from tests.bench.diff import measure_diffs
from tests.bench.fleet import PER_APP, make_fleet
from tests.bench.page import PAGE, write_part
from tests.bench.peers import PEERS
from tests.bench.peers.peer import Places, Program
from tests.bench.process import run, spread
from tests.bench.stages import measure_stages
from tests.conftest import find_program
from tests.e2e.build import build_programs

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


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--against", type=Path, help="another installed servegen: print ratios only")
    parser.add_argument("--peers", type=Path, help="a Python with kcl-lib and jsonnet: print ratios to other programs")
    parser.add_argument("--programs", type=Path, action="append", help="a folder with other programs, instead of PATH")
    parser.add_argument("--build", action="store_true", help="build the other programs with Go, in pinned versions")
    parser.add_argument("--stages", action="store_true", help="print where the processor time of a render goes")
    parser.add_argument("--services", type=int, default=1000, help="for --peers and --stages (default: %(default)s)")
    parser.add_argument("--write", action="store_true", help=f"write these tables into {PAGE.name} too")
    return parser.parse_args()


def _print_parts(asked: argparse.Namespace, base: Path) -> None:
    """Print the tables that were asked for, and write them into the page if asked."""
    parts: dict[str, Callable[[Path], str]] = {}
    if asked.peers is not None:
        # The path of an interpreter is not resolved: it would be the one outside of its environment.
        folders = _built() if asked.build else tuple(path.absolute() for path in asked.programs or ())
        places = Places(asked.peers.absolute(), folders or None)
        parts["peers"] = lambda folder: compare_peers(folder, places, asked.services, _RUNS)
    if asked.stages:
        parts["stages"] = lambda folder: measure_stages(folder, asked.services, _RUNS)
    for name, measure in parts.items():
        with tempfile.TemporaryDirectory(dir=base) as folder:
            text = measure(Path(folder))
        print(text, end="\n\n", flush=True)
        if asked.write:
            write_part(PAGE, name, text)


def _built() -> tuple[Path, ...]:
    """Build the peers that are Go programs, as tests/e2e builds its programs, and return their folders."""
    modules = tuple(peer.source.module for peer in PEERS if isinstance(peer.source, Program))
    return tuple(program.parent for program in build_programs(modules, print).values())


def _print_all(base: Path) -> None:
    cpu = {services: _measure(services, base) for services in (30, 100, 300, 1000)}
    print(f"slope from 100 to 1,000 (cpu ~ services^k): k = {math.log10(cpu[1000] / cpu[100]):.2f}")
    measure_diffs(run, make_fleet, str(Path(sys.executable).parent / "servegen"), base, 1000, _RUNS)
    version = [str(Path(sys.executable).parent / "servegen"), "--version"]
    start = median(run(version, base)[0] for _ in range(9)) * 1000
    print(f"servegen --version: {start:.0f} ms")


def main() -> None:
    """Print the table, the slope from 100 to 1,000 services, the costs of a change, and the start-up time.

    With --against, print ratios to another version; with --peers, to other programs; with --stages, the stages.
    """
    asked = _arguments()
    base = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())
    if asked.against is not None:
        compare(asked.against.resolve(), base)
    elif asked.peers is not None or asked.stages:
        _print_parts(asked, base)
    else:
        _print_all(base)


if __name__ == "__main__":
    main()
