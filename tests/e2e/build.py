"""The programs of the rig, built by Go from published modules into a cache, each once for each of its versions.

The cache is outside the repository: $SERVEGEN_E2E_CACHE, else the user's cache folder. Cached programs are not built
again. A build that fails or takes longer than its limit ends the run: no test is skipped because of it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import time
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from platformdirs import user_cache_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

HERE: Final = Path(__file__).parent
VERSIONS: Final[dict[str, dict[str, Any]]] = tomllib.loads((HERE / "versions.toml").read_text(encoding="utf-8"))
_MODS: Final = HERE / "mods"
LIMIT_SECONDS: Final = 40 * 60
"""Limit for one program: from an empty cache, on two busy processors, the largest took more than 15 minutes."""


@dataclass(frozen=True, slots=True)
class Module:
    """A published module with programs: one table of versions.toml."""

    key: str
    module: str
    version: str
    packages: tuple[str, ...] = ()
    name: str | None = None
    source: str | None = None
    local: str | None = None
    ldflags: tuple[str, ...] = ()
    tags: tuple[str, ...] = field(default=(), repr=False)
    plain: bool = False
    """Whether to use Go's default flags, as `go install` does, so that packages it has compiled are used too."""
    replaced: dict[str, str] = field(default_factory=dict)

    @property
    def programs(self) -> dict[str, str]:
        """The package of each program, by the program's name."""
        if self.source is not None:
            return {str(self.name): "."}
        paths = {path: self.module if path == "." else f"{self.module}/{path}" for path in self.packages}
        return {self.name or path.rpartition("/")[2]: package for path, package in paths.items()}

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags of `go build`."""
        linked = ("-ldflags", " ".join(("-s -w", *self.ldflags)))
        flags = ("-mod=mod", *linked) if self.plain else ("-mod=mod", "-trimpath", *linked)
        return (*flags, "-tags", ",".join(self.tags)) if self.tags else flags

    @property
    def environment(self) -> dict[str, str]:
        """The variables of `go build`."""
        return {} if self.plain else {"CGO_ENABLED": "0"}

    @property
    def digest(self) -> str:
        """A hash of everything that the built programs depend on, for a file name."""
        files = sorted((_MODS / self.key).glob("*"))
        parts = [repr(self), *self.tags, *(path.read_text(encoding="utf-8") for path in files)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Built:
    """The paths of everything: programs by name, and the folder of the CustomResourceDefinitions."""

    programs: dict[str, Path]
    crds: Path


def cache() -> Path:
    """Return the folder of the built programs and the CustomResourceDefinitions."""
    given = os.environ.get("SERVEGEN_E2E_CACHE")
    return Path(given) if given else user_cache_path("servegen") / "e2e"


def modules() -> dict[str, Module]:
    """Return all modules with programs, by key."""
    return {key: _module(key, table) for key, table in VERSIONS.items() if key != "crds"}


def _module(key: str, table: dict[str, Any]) -> Module:
    lists = {name: tuple(value) for name, value in table.items() if isinstance(value, list)}
    return Module(key=key, **{**table, **lists})


def build(wanted: tuple[str, ...], say: Callable[[str], None]) -> Built:
    """Build the missing programs of these modules, and fetch the CRDs. Raises SystemExit with Go's error output."""
    return Built(build_programs(wanted, say), _crds())


def build_programs(wanted: tuple[str, ...], say: Callable[[str], None], limit: int = LIMIT_SECONDS) -> dict[str, Path]:
    """Build the missing programs of these modules, and return all of their programs by name.

    Raises SystemExit with Go's error output, or when one program takes longer than `limit` seconds.
    """
    programs = dict[str, Path]()
    for module in (modules()[key] for key in wanted):
        folder = cache() / f"{module.key}-{module.version}-{module.digest}"
        if not _whole(module, folder):
            _build_alone(module, folder, say, limit)
        programs.update({name: folder / name for name in module.programs})
    return programs


def _whole(module: Module, folder: Path) -> bool:
    return all((folder / name).is_file() for name in module.programs)


def _build_alone(module: Module, folder: Path, say: Callable[[str], None], limit: int) -> None:
    with _alone():
        if not _whole(module, folder):
            say(f"building {module.key} {module.version}: {', '.join(module.programs)}")
            begun = time.monotonic()
            _compile(module, folder, say, limit)
            say(f"built {module.key} {module.version} in {time.monotonic() - begun:.0f} s")


@contextmanager
def _alone() -> Iterator[None]:
    """Allow one build at a time: a second run that lacks a program waits, and then finds it built."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _compile(module: Module, folder: Path, say: Callable[[str], None], limit: int) -> None:
    """Build all programs of a module, into a folder that exists only once it is complete."""
    work = _fresh(folder.with_name(f"{folder.name}.building"))
    _write_module(module, work)
    for name, package in module.programs.items():
        say(f"  compiling {name}; the first time takes minutes, at most {limit / 60:.0f}")
        command = ("build", *module.flags, "-o", str(work / "bin" / name), package)
        _go(*command, cwd=work, environment=module.environment, limit=limit)
    _into_place(work / "bin", folder)
    shutil.rmtree(work)


def _write_module(module: Module, work: Path) -> None:
    about = _download(module.module, module.version)
    own = json.loads(_go("mod", "edit", "-json", about["GoMod"], cwd=work))
    lines = [f"module servegen.test/{module.key}", f"go {own['Go']}", f"require {module.module} {module.version}"]
    for entry in own.get("Replace") or ():
        new = _published(module, entry)
        if new is not None:
            lines.append(f"replace {entry['Old']['Path']} => {new}")
    (work / "go.mod").write_text("\n".join((*lines, "")), encoding="utf-8")
    for path in (_MODS / module.key).glob("*"):
        shutil.copy(path, work)


def _published(module: Module, entry: dict[str, Any]) -> str | None:
    """Return the replacement of a module, as the right side of a `replace` line.

    For a local folder, it is the module itself in the version that versions.toml gives; None if it gives none, since
    the `require` line has the version.
    """
    old, new = entry["Old"]["Path"], entry["New"]
    if not new["Path"].startswith("."):
        return f"{new['Path']} {new['Version']}"
    version = module.replaced.get(old, module.local)
    return f"{old} {version}" if version is not None else None


def take_folder(key: str, path: str) -> Path:
    """Return a folder of a module's sources, such as the one with the manifests that install its programs."""
    module = modules()[key]
    folder = cache() / f"{key}-{module.version}-{path}"
    if not folder.is_dir():
        with _alone():
            work = _fresh(folder.with_name(f"{folder.name}.taken"))
            source = Path(_download(module.module, module.version)["Dir"]) / path
            # The files in Go's cache are read-only, which would stay so with their modes.
            shutil.copytree(source, work, dirs_exist_ok=True, copy_function=shutil.copyfile)
            for place in (work, *work.rglob("*/")):
                place.chmod(0o755)
            _into_place(work, folder)
    return folder


def _crds() -> Path:
    entries = VERSIONS["crds"]["files"]
    digest = hashlib.sha256(json.dumps(entries).encode()).hexdigest()[:12]
    folder = cache() / f"crds-{digest}"
    if not folder.is_dir():
        _take_alone(entries, folder)
    return folder


def _take_alone(entries: list[tuple[str, str, str]], folder: Path) -> None:
    with _alone():
        if folder.is_dir():
            return
        work = _fresh(folder.with_name(f"{folder.name}.building"))
        for module, version, file in entries:
            shutil.copyfile(Path(_download(module, version)["Dir"]) / file, work / Path(file).name)
        _into_place(work, folder)


def _download(module: str, version: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(_go("mod", "download", "-json", f"{module}@{version}", cwd=cache()))
    return answer


def _go(*arguments: str, cwd: Path, environment: Mapping[str, str] | None = None, limit: int = LIMIT_SECONDS) -> str:
    """Run Go, and return what it prints. Raises SystemExit if it fails or takes longer than `limit` seconds."""
    variables = {**os.environ, "GOWORK": "off", **(environment or {})}
    line = f"go {' '.join(arguments)}"
    try:
        done = subprocess.run(
            ["go", *arguments],
            cwd=cwd,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=limit,
        )
    except FileNotFoundError:
        raise SystemExit("the end-to-end tests need Go to build what they start: https://go.dev/dl") from None
    except subprocess.TimeoutExpired:
        again = "run it again: Go keeps what it has compiled"
        raise SystemExit(f"{line} took longer than {limit} s; {again}") from None
    if done.returncode:
        raise SystemExit(f"{line} failed:\n{done.stderr[-4000:]}")
    return done.stdout


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _into_place(made: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    made.rename(folder)
