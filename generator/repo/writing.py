"""Write to files so that no content is lost and each error names its file."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from pathlib import Path


def write_whole(file: FileIO, content: bytes) -> None:
    """Write a content to an unbuffered file: one call of write(2) may write less than it was given. Raises OSError."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]


@contextmanager
def named_errors(path: Path | str) -> Iterator[None]:
    """Set the file name of an OSError in the body: an error of write(2) has none."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise
