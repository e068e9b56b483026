"""Parsed spec files by their paths and contents: those of this process, and those of earlier runs in a store.

What a file is parsed to depends on its path, its content and servegen itself, on nothing else. An entry has a few
files that follow each other, so that a run with the same specs opens few entries, and an edit parses few files again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from zlib import crc32

from msgspec import Struct

from generator.fleet.spec_file import SpecFile, read_spec_file
from generator.pipeline.data_memory import DataReader
from generator.spec.data_files import DataFile
from generator.spec.files import is_spec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from generator.pipeline.app_memory import EntryStore

# The mean number of files of an entry.
_FILES_PER_ENTRY: Final = 16

Chunk = tuple[tuple[str, bytes], ...]
"""Spec files that share an entry of the store: path and content of each."""


class SpecMemory(Struct, frozen=True):
    """The entries in `store`. `program` is a digest of servegen itself, `is_current` whether it is still the same."""

    store: EntryStore
    program: str
    is_current: Callable[[], bool]

    def read(self, entries: Iterable[Chunk]) -> Iterator[tuple[Chunk, tuple[SpecFile, ...]]]:
        """Yield the parsed files of each entry that there is."""
        # pickle, which small repositories do without.
        from generator.pipeline.spec_codec import decode

        keys = {self._key(files): files for files in entries}
        for key, content in self.store.read(keys).items():
            if (found := decode(content, SpecFile)) is not None and len(found) == len(keys[key]):
                yield keys[key], found

    def write(self, entries: Mapping[Chunk, tuple[SpecFile, ...]]) -> None:
        """Write entries, unless servegen itself has changed since this process began."""
        from generator.pipeline.spec_codec import encode

        if entries and self.is_current():
            self.store.write({self._key(files): encode(found) for files, found in entries.items()})

    def read_data(self, name: str, raw: bytes) -> DataFile | None:
        """Return the parsed data file with this name and content, if there is one."""
        from generator.pipeline.spec_codec import decode

        key = self._data_key(name, raw)
        content = self.store.read([key]).get(key)
        found = decode(content, DataFile) if content is not None else None
        return found[0] if found else None

    def write_data(self, files: Mapping[tuple[str, bytes], DataFile]) -> None:
        """Write parsed data files by name and content, unless servegen itself has changed since this process began."""
        from generator.pipeline.spec_codec import encode

        if self.is_current():
            self.store.write({self._data_key(*key): encode([found]) for key, found in files.items()})

    def _data_key(self, name: str, raw: bytes) -> str:
        return hashlib.sha256(f"data {self.program} {name}\0".encode("utf-8", "surrogatepass") + raw).hexdigest()

    def _key(self, files: Chunk) -> str:
        digest = hashlib.sha256(f"specs {self.program}".encode())
        for file, raw in files:
            digest.update(repr((file, len(raw))).encode("utf-8", "surrogatepass"))
            digest.update(raw)
        return digest.hexdigest()


@dataclass(slots=True)
class SpecReader:
    """Parses spec files, each content once; `data` does so for data files.

    `open_memory` returns what earlier runs have parsed, if it can be used.
    """

    open_memory: Callable[[], SpecMemory | None] = lambda: None
    data: DataReader = field(default_factory=DataReader)
    _read: dict[tuple[str, bytes], SpecFile] = field(init=False, default_factory=dict)

    def __call__(self, file: str, raw: bytes) -> SpecFile:
        """Return what `read_spec_file` returns."""
        found = self._read.get((file, raw))
        if found is None:
            found = self._read[file, raw] = read_spec_file(file, raw)
        return found

    def read_all(self, files: Mapping[str, bytes]) -> None:
        """Parse the spec files among `files`, unless an earlier run has, and keep the results for later runs."""
        new = [entry for entry in chunks(files) if not self._read.keys() >= set(entry)]
        memory = self.open_memory() if new else None
        if memory is not None:
            self._read_entries(new, memory)

    def read_each(self, files: Mapping[str, bytes], memory: SpecMemory) -> None:
        """Do the same for a few files, each with an entry of its own in `memory`."""
        self._read_entries([(one,) for one in files.items() if one not in self._read], memory)

    def _read_entries(self, entries: list[Chunk], memory: SpecMemory) -> None:
        for entry, found in memory.read(entries):
            self._read.update(zip(entry, found, strict=True))
        missing = [entry for entry in entries if not self._read.keys() >= set(entry)]
        memory.write({entry: tuple(self(file, raw) for file, raw in entry) for entry in missing})


def chunks(files: Mapping[str, bytes]) -> Iterator[Chunk]:
    """Yield the spec files among `files`, a few at a time.

    A name decides whether its file is the last one of its chunk, so others do not move it.
    """
    entry: list[tuple[str, bytes]] = []
    for file in sorted(filter(is_spec, files)):
        entry.append((file, files[file]))
        if crc32(file.encode("utf-8", "surrogatepass")) % _FILES_PER_ENTRY == 0:
            yield tuple(entry)
            entry = []
    if entry:
        yield tuple(entry)
