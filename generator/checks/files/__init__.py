"""Checks of the spec files as they are written: one module each, with `ID`, `SEVERITY` and `check(files)`.

They also look at files that are no valid specs, and at comments. The module's docstring is its manual page, with a
snippet that passes and one that fails. A module is found automatically if its name starts with an id.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

from generator.checks.family import import_checks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.core.finding import Finding, Severity


class FileCheck(Protocol):
    """The interface of a check of files. `SEVERITY` is the highest severity of its findings."""

    ID: str
    SEVERITY: Severity

    def check(self, files: Mapping[str, bytes], /) -> Iterator[Finding]:
        """Yield the findings about the files (path relative to the repository -> content)."""


@cache
def file_checks() -> tuple[FileCheck, ...]:
    """Return the checks, which are imported with the first call."""
    return import_checks(__name__, __path__)


def check_files(files: Mapping[str, bytes]) -> list[Finding]:
    """Return the findings of all checks of files."""
    return [finding for check in file_checks() for finding in check.check(files)]
