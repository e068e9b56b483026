"""`make bench`: render and validate a generated fleet of N services in three environments, as whole processes.

Prints figures and ratios, and checks no limit. Output is written to memory-backed storage if the machine has it.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from generator.edit.spec_text import model_text, service_text
from tests.bench_diff import measure_diffs
from tests.conftest import find_program
from tests.support.grants import grant_everything

_PER_APP = 4
_RUNS = 3
_PLATFORM = Path(__file__).parent.parent / "templates" / "init" / "platform.yaml"
_SERVERS = (("triton-server", "8000,8002"), ("tfserving", "8501"), ("triton-server", "8000,8001"), ("serving", "8080"))


def _service(number: int, model: str, version: str) -> dict[str, object]:
    server, ports = _SERVERS[number % len(_SERVERS)]
    keys: dict[str, object] = {
        "model": model,
        "version": version,
        "type": server,
        "description": f"service {number}",
        "image": f"example/{server}:{number % 7}.1",
        "ports": ports,
        "host": ("/v2/models/x", f"m{number}.example.com", f"http://u{number}.example.com/open?x=1")[number % 3],
        "replicas": ("2~10", "3~6", "1~4")[number % 3],
        "hpa": "cpu:50%" + (",mem:50%" if server != "tfserving" else "") + (",gpu:50%" if number % 2 else ""),
        "resources": {"cpu": 2 + number % 5, "memory": "5G", "gpu": "0.2(T4)" if number % 2 else 0},
        "env": {"TZ": "Asia/Shanghai", "WORKERS": str(number % 9), "HF_TOKEN": {"secret": "hub/token"}},
        "config": {"config.pbtxt": f'name: "{model}"\nmax_batch_size: {number % 32}\n'},
        "volumes": "kubeflow-user-workspace(pvc):/mnt,(memory):/dev/shm",
        "health": f"{ports.split(',')[0]}:/ready",
        "command": f"python server.py --model /mnt/{model} --port 8080",
        "environments": {
            "debug": {"resources": {"memory": "8G"}},
            "test": {"env": {"LOG": "debug"}},
            "prod": {"replicas": "4~12", "config": {"config.pbtxt": f"batch: {number}\n"}},
        },
    }
    return keys


def make_fleet(root: Path, services: int, *, grants: bool = True) -> None:
    """Write the specs of `services` services, four versions per model, into `root`.

    Without `grants` the platform file has none, for versions of servegen that do not know them. Earlier versions also
    have no pods that meet `restricted`.
    """
    (root / "services" / "bench" / "models").mkdir(parents=True)
    platform = _PLATFORM.read_text(encoding="utf-8").replace("pod_security: restricted ", "pod_security: baseline ")
    platform = grant_everything(platform) if grants else platform.partition("\ngrants:")[0] + "\n"
    (root / "services" / "platform.yaml").write_text(platform, encoding="utf-8")
    for app in range(math.ceil(services / _PER_APP)):
        model = f"model-{app:04}"
        (root / "services" / "bench" / model).mkdir()
        versions = {}
        for index in range(min(_PER_APP, services - app * _PER_APP)):
            version = f"v2026.11.{index + 1:02}.1"
            versions[version] = {"path": f"https://models.example.com/{model}/{index}.tar.gz"}
            keys = _service(app * _PER_APP + index, model, version)
            file = root / "services" / "bench" / model / f"{model}-202611{index + 1:02}1.yaml"
            file.write_text(service_text(keys), encoding="utf-8")
        registry = root / "services" / "bench" / "models" / f"{model}.yaml"
        registry.write_text(model_text({"versions": versions}), encoding="utf-8")


def _run(command: list[str], folder: Path) -> tuple[float, float, float]:
    """Run a command; return wall and CPU seconds including child processes, and the peak MB of the largest process."""
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


def _measure(services: int, base: Path) -> float:
    cold, warm, files, size = [], [], 0, 0.0
    with tempfile.TemporaryDirectory(dir=base) as folder:
        root = Path(folder)
        make_fleet(root, services)
        command = [str(Path(sys.executable).parent / "servegen"), "render"]
        for _ in range(_RUNS):
            shutil.rmtree(root / "rendered", ignore_errors=True)
            shutil.rmtree(root / ".servegen", ignore_errors=True)
            cold.append(_run(command, root))
            warm.append(_run(command, root))
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
    walls = [_run([str(binary), "build", str(overlay)], root)[0] for _ in range(_RUNS)]
    print(f"  for scale: one `kustomize build` of an overlay with {_PER_APP} services takes {median(walls):.2f} s")


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
            print(f"  {' '.join(arguments):28} cpu {_spread(cpu)}   peak {_spread(peak)} ({memory})")


def _schema(program: Path) -> str:
    return subprocess.run([str(program), "schema", "platform"], capture_output=True, text=True, check=True).stdout


def _fresh_run(program: Path, arguments: list[str], root: Path) -> tuple[float, float, float]:
    if arguments == ["render"]:
        shutil.rmtree(root / "rendered", ignore_errors=True)
        shutil.rmtree(root / ".servegen", ignore_errors=True)
    return _run([str(program), *arguments], root)


def _spread(ratios: list[float]) -> str:
    return f"{median(ratios):.2f} [{min(ratios):.2f}, {max(ratios):.2f}]"


def main() -> None:
    """Print the table, the slope from 100 to 1,000 services, the costs of a change, and the start-up time.

    With --against, print ratios to another version.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--against", type=Path, help="another installed servegen: print ratios only")
    against: Path | None = parser.parse_args().against
    base = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())
    if against is not None:
        compare(against.resolve(), base)
        return
    cpu = {services: _measure(services, base) for services in (30, 100, 300, 1000)}
    print(f"slope from 100 to 1,000 (cpu ~ services^k): k = {math.log10(cpu[1000] / cpu[100]):.2f}")
    measure_diffs(_run, make_fleet, str(Path(sys.executable).parent / "servegen"), base, 1000, _RUNS)
    version = [str(Path(sys.executable).parent / "servegen"), "--version"]
    start = median(_run(version, base)[0] for _ in range(9)) * 1000
    print(f"servegen --version: {start:.0f} ms")


if __name__ == "__main__":
    main()
