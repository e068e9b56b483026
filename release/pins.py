"""The pinned packages of a file in requirements/, with the hashes of their files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_PIN: Final = re.compile(r"^([\w.-]+)==([^\s;\\]+)((?:.*\\\n)(?: +--hash=.*\n)+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Pin:
    """One version of a package, and the sha256 of each of its files."""

    name: str
    version: str
    hashes: tuple[str, ...]

    @property
    def purl(self) -> str:
        """The package URL, by which scanners know the package."""
        return f"pkg:pypi/{self.name}@{self.version}"


def read_pins(text: str) -> list[Pin]:
    """Return the pins in the order of the file."""
    return [Pin(name, version, tuple(re.findall(r"sha256:(\w+)", rest))) for name, version, rest in _PIN.findall(text)]
