"""Read one data file of templates/: its document, and what it is parsed to.

What a file is parsed to depends on its path, its content and servegen itself, on nothing else.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from generator.core import yaml as yamlio
from generator.spec.parse import parse

if TYPE_CHECKING:
    from generator.core.finding import Finding
    from generator.core.yaml import Document
    from generator.spec.base import Spec


class DataFile(Struct, frozen=True):
    """A data file. Without errors it has a document and a spec."""

    document: Document | None
    spec: Spec | None
    findings: tuple[Finding, ...]


class ReadDataFile(Protocol):
    """Returns what `read_data_file` returns."""

    def __call__(self, model: type[Spec], file: str, raw: bytes, nested: str = "") -> DataFile:
        """Return the data file with this path below templates/ and this content."""


@lru_cache(maxsize=512)
def read_data_file(model: type[Spec], file: str, raw: bytes, nested: str = "") -> DataFile:
    """Return a data file. With `nested`, it is read as if everything in it were below a key of this name.

    Cached: a command that compares revisions reads most files again.
    """
    document, findings = yamlio.read(raw, f"templates/{file}")
    if document is None:
        return DataFile(None, None, tuple(findings))
    document = document.nest(nested) if nested else document
    spec, findings = parse(model, document)
    return DataFile(document, spec, tuple(findings))
