"""A program that is measured beside servegen, and how it is found on this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.workload import Group

_NUMBER = re.compile(r"\d+(\.\d+)+\S*")


@dataclass(frozen=True, slots=True)
class Places:
    """Where peers are looked for.

    `python` is an interpreter that has their packages. `folders` have their programs; if None, those of PATH have them.
    """

    python: Path
    folders: tuple[Path, ...] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The program of a peer on this machine, and its version."""

    program: Path
    version: str


@dataclass(frozen=True, slots=True)
class Package:
    """A peer that a Python package brings: the package and its module. Its program is the interpreter."""

    package: str
    module: str

    def find(self, places: Places) -> Found | None:
        """Return the interpreter, if it has the package."""
        script = f"import {self.module}; from importlib.metadata import version; print(version({self.package!r}))"
        output = _output([str(places.python), "-c", script])
        return Found(places.python, output.strip()) if output is not None else None

    @property
    def missing(self) -> str:
        """What is missing, and how to get it."""
        return f"The interpreter of `PEERS=` has no package `{self.package}`: `pip install {self.package}` there"


@dataclass(frozen=True, slots=True)
class Program:
    """A peer that is a program: its name, the arguments that print its version, and a text which that output has.

    `module` is its key in tests/e2e/versions.toml, which pins the version that `BUILD=1` builds.
    """

    name: str
    module: str
    version: tuple[str, ...]
    text: str = ""

    def find(self, places: Places) -> Found | None:
        """Return the program, if one of the folders has it."""
        path = os.pathsep.join(map(str, places.folders)) if places.folders is not None else None
        program = shutil.which(self.name, path=path)
        output = _output([program, *self.version]) if program is not None else None
        number = _NUMBER.search(output) if output is not None and self.text in output else None
        return Found(Path(str(program)).absolute(), number[0]) if number is not None else None

    @property
    def missing(self) -> str:
        """What is missing, and how to get it."""
        kind = f' with "{self.text}" in its version' if self.text else ""
        return (
            f"No `{self.name}`{kind} was found: `BUILD=1` builds it with Go, `PROGRAMS=` names the folder that has it"
        )


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer: what makes the files of its program, by their names, and the arguments with which it prints the objects.

    It is run in the folder of these files, and prints JSON or YAML: an object with the list `objects`, or a document
    for each object, in any order.
    """

    name: str
    source: Package | Program
    files: Callable[[list[Group]], dict[str, str]]
    arguments: tuple[str, ...]


def _output(command: list[str]) -> str | None:
    """Return what a command prints; None if it cannot be run, or fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
