"""Pack folders of schemas into reproducible archives: the same content gives the same bytes."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def pack(files: Mapping[str, str]) -> bytes:
    """Return a tar.xz of `files` (name -> text), sorted by name, without times and owners."""
    import lzma

    return lzma.compress(_tar(files), preset=9 | lzma.PRESET_EXTREME)


def unpack(content: bytes) -> dict[str, bytes]:
    """Return the files in an archive that `pack` made, as name -> content."""
    import lzma
    import tarfile

    with tarfile.open(fileobj=io.BytesIO(lzma.decompress(content))) as archive:
        return {entry.name: file.read() for entry in archive if (file := archive.extractfile(entry)) is not None}


def digest(content: bytes) -> str:
    """Return the SHA-256 of `content` as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _tar(files: Mapping[str, str]) -> bytes:
    import tarfile

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, text in sorted(files.items()):
            content = text.encode()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
