"""Stand-ins for the CUDA libraries to which torch from PyPI is linked, and which take 4 GB.

Without a GPU only the dynamic loader needs them. They are built with gcc from the symbols that torch's libraries leave
undefined; each function returns an error, so that torch finds no card.
"""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_ERROR: Final = 100  # cudaErrorNoDevice
# Functions that return text.
_TEXTS: Final = frozenset(
    {
        "cublasGetStatusString",
        "cudaGetErrorName",
        "cudaGetErrorString",
        "cudnnGetErrorString",
        "cufftGetErrorString",
        "ncclGetErrorString",
        "ncclGetLastError",
        "nvrtcGetErrorString",
    }
)
# The library of a symbol without a version, by the start of its name.
_LIBRARIES: Final = {
    "cublasLt": "libcublasLt",
    "cublas": "libcublas.",
    "cudnn": "libcudnn",
    "cusparseLt": "libcusparseLt",
    "cusparse": "libcusparse.",
    "cusolver": "libcusolver.",
    "cufft": "libcufft.",
    "curand": "libcurand",
    "nccl": "libnccl",
    "nvrtc": "libnvrtc",
    "nvshmem": "libnvshmem",
    "cupti": "libcupti",
    "cuda": "libcudart",
    "nvJitLink": "libnvJitLink",
    "cufile": "libcufile",
    "cuFile": "libcufile",
}
_SYSTEM: Final = re.compile(r"GLIBC|GCC|CXXABI|GLIBCXX|GOMP|OMP|Base|ZLIB")
_NAME: Final = re.compile(r"[A-Za-z_]\w*")

Symbol = tuple[str, str]
"""A name and its version, which may be empty."""


def build(folder: Path) -> None:
    """Build the libraries that those of a folder need and that are nowhere, into the same folder."""
    libraries = [path for path in folder.iterdir() if ".so" in path.name and not path.is_symlink()]
    missing = _needed(libraries) - {path.name for path in folder.iterdir()} - _of_the_system()
    symbols: dict[str, set[Symbol]] = {name: set() for name in missing}
    for symbol in _undefined(libraries):
        library = _library(symbol, missing)
        if library is not None and _NAME.fullmatch(symbol[0]):
            symbols[library].add(symbol)
    for name, found in symbols.items():
        _compile(folder / name, found)


def _read(option: str, path: Path) -> str:
    return _output("readelf", "--wide", option, str(path))


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _needed(libraries: Iterable[Path]) -> set[str]:
    return {name for path in libraries for name in re.findall(r"\(NEEDED\).*\[(.*?)\]", _read("--dynamic", path))}


def _of_the_system() -> set[str]:
    """The libraries that the dynamic loader finds."""
    return {line.split()[0] for line in _output("/sbin/ldconfig", "-p").splitlines()[1:] if line.strip()}


def _undefined(libraries: Iterable[Path]) -> set[Symbol]:
    """The symbols that some library needs and none of them has."""
    defined, needed = set(), set()
    for name, version, kind, place in _symbols(libraries):
        if place != "UND":
            defined.add(name)
        elif not _SYSTEM.match(version) and (version or kind != "WEAK"):
            needed.add((name, version))
    return {symbol for symbol in needed if symbol[0] not in defined}


def _symbols(libraries: Iterable[Path]) -> Iterator[tuple[str, str, str, str]]:
    """Yield name, version, binding and section of each dynamic symbol."""
    for path in libraries:
        for line in _read("--dyn-syms", path).splitlines():
            columns = line.split()
            if len(columns) >= 8 and columns[0].rstrip(":").isdigit():
                name, _, version = columns[7].partition("@")
                yield name, version.strip("@"), columns[4], columns[6]


def _library(symbol: Symbol, missing: set[str]) -> str | None:
    """The missing library that has a symbol; None for symbols of the system's libraries."""
    name, version = symbol
    if version in missing:
        return version
    for start in sorted(_LIBRARIES, key=len, reverse=True):
        found = [library for library in missing if library.startswith(_LIBRARIES[start])]
        if found and re.match(rf"_*{start}", name):
            return found[0]
    return None


def _compile(library: Path, symbols: set[Symbol]) -> None:
    versions: dict[str, list[str]] = defaultdict(list)
    for name, version in sorted(symbols):
        versions[version].append(name)
    source, script = library.with_suffix(".c"), library.with_suffix(".map")
    source.write_text("".join(map(_function, sorted({name for name, _ in symbols}))), encoding="utf-8")
    blocks = (f"{version} {{ global: {'; '.join(names)}; }};\n" for version, names in versions.items() if version)
    script.write_text("".join(blocks), encoding="utf-8")
    options = [f"-Wl,--version-script,{script}"] if script.stat().st_size else []
    command = ["gcc", "-shared", "-fPIC", "-w", "-fno-builtin", f"-Wl,-soname,{library.name}", *options]
    _output(*command, "-o", str(library), str(source))
    source.unlink()
    script.unlink()


def _function(name: str) -> str:
    if name in _TEXTS:
        return f'const char *{name}(void) {{ return "no CUDA"; }}\n'
    return f"int {name}(void) {{ return {_ERROR}; }}\n"
