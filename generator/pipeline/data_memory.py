"""Parsed data files of templates/: those of this process, and those of earlier runs in a store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.spec.data_files import read_data_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.pipeline.spec_memory import SpecMemory
    from generator.spec.base import Spec
    from generator.spec.data_files import DataFile

    Key = tuple[type[Spec], str, bytes, str]


@dataclass(slots=True)
class DataReader:
    """Parses data files, each content once. `open_memory` returns what earlier runs have parsed, if it can be used."""

    open_memory: Callable[[], SpecMemory | None] = lambda: None
    _read: dict[Key, DataFile] = field(init=False, default_factory=dict)
    _new: dict[Key, DataFile] = field(init=False, default_factory=dict)

    def __call__(self, model: type[Spec], file: str, raw: bytes, nested: str = "") -> DataFile:
        """Return what `read_data_file` returns."""
        key = model, file, raw, nested
        if key not in self._read:
            memory = self.open_memory()
            known = memory.read_data(_name(key), raw) if memory is not None else None
            self._read[key] = known if known is not None else read_data_file(*key)
            if known is None:
                self._new[key] = self._read[key]
        return self._read[key]

    def keep(self) -> None:
        """Keep what is new for later runs."""
        memory = self.open_memory() if self._new else None
        if memory is not None:
            memory.write_data({(_name(key), key[2]): found for key, found in self._new.items()})
        self._new.clear()


def _name(key: Key) -> str:
    model, file, _, nested = key
    return f"{model.__module__}.{model.__qualname__} {nested} {file}"
