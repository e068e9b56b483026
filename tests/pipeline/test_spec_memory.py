"""Parsed spec files that an earlier run has kept are what parsing them again gives, whatever is in the cache."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace

from generator.core.yaml.document import Document
from generator.fleet.spec_file import SpecFile, read_spec_file
from generator.pipeline.data_memory import DataReader
from generator.pipeline.spec_codec import decode, encode
from generator.pipeline.spec_memory import SpecMemory, SpecReader
from generator.repo.cache.store import ResultStore
from generator.spec.base import values_of
from generator.spec.data_files import DataFile, read_data_file
from generator.spec.stage import Rules
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

_MODEL: Final = "name: 模型 %d\nversions:\n  v1: {path: https://models.example.com/m-%d.tar.gz}\n"
_FILES: Final = {f"services/p/models/m-{number}.yaml": (_MODEL % (number, number)).encode() for number in range(80)}


def _reader(store: ResultStore, program: str = "1", *, current: bool = True) -> SpecReader:
    memory = SpecMemory(store, program, lambda: current)
    return SpecReader(lambda: memory, DataReader(lambda: memory))


def _parsed(files: Mapping[str, bytes]) -> dict[str, SpecFile]:
    return {file: read_spec_file(file, raw) for file, raw in files.items()}


def _read(reader: SpecReader, files: Mapping[str, bytes]) -> dict[str, SpecFile]:
    reader.read_all(files)
    return {file: reader(file, raw) for file, raw in files.items()}


def _entries(store: ResultStore) -> set[str]:
    return {path.name for path in store.folder.glob("*")}


@pytest.fixture
def store(tmp_path: Path) -> ResultStore:
    return ResultStore(tmp_path / "cache" / "results", 10**8)


def test_all_kinds_of_files_come_back() -> None:
    """The specs of the example fleet and of the cases, which have every kind of value and of mistake."""
    folders = [ROOT / "services", *(ROOT / "tests" / "cases").glob("*/*/services")]
    paths = [(path.relative_to(folder.parent), path) for folder in folders for path in sorted(folder.rglob("*.yaml"))]
    read = tuple(read_spec_file(str(name), path.read_bytes()) for name, path in paths)
    assert sum(file.entry is not None for file in read) > 100
    assert sum(bool(file.findings) for file in read) > 50
    assert decode(encode(read), SpecFile) == read


def test_an_edit_parses_one_entry_again(store: ResultStore) -> None:
    assert _read(_reader(store), _FILES) == _parsed(_FILES)
    kept = _entries(store)
    edited = _FILES | {"services/p/models/m-40.yaml": b"versions: [wrong"}
    assert _read(_reader(store), edited) == _parsed(edited)
    assert len(_entries(store) - kept) == 1
    removed = {file: raw for file, raw in _FILES.items() if "m-4" not in file}
    assert _read(_reader(store), removed) == _parsed(removed)
    before = _entries(store)
    assert _read(_reader(store), _FILES | edited) == _parsed(edited)
    assert _entries(store) == before


def test_a_later_run_parses_nothing(store: ResultStore) -> None:
    """What is kept is used: here it is another text than that of the file."""
    _read(_reader(store), _FILES)
    for name in _entries(store):
        found = decode(store.read([name])[name], SpecFile) or ()
        store.write({name: encode([replace(file, document=Document("f", "another text", None)) for file in found])})
    assert {file.document.text for file in _read(_reader(store), _FILES).values() if file.document} == {"another text"}
    assert _read(_reader(store, program="2"), _FILES) == _parsed(_FILES)


def test_a_data_file_is_parsed_once(store: ResultStore) -> None:
    files = {f"stages/{name}.yaml": f"{{replicas: {number}}}".encode() for name, number in (("a", "one"), ("b", "x"))}
    read = {file: read_data_file(Rules, file, raw) for file, raw in files.items()}
    assert [bool(file.findings) for file in read.values()] == [False, True]
    assert _data(_reader(store, current=False), files) == read
    assert _entries(store) == set()
    assert _data(_reader(store), files) == read
    kept = _entries(store)
    assert len(kept) == len(files)
    for name in kept:
        (found,) = decode(store.read([name])[name], DataFile) or ()
        store.write({name: encode([replace(found, document=Document("f", "another text", None))])})
    assert {file.document.text for file in _data(_reader(store), files).values() if file.document} == {"another text"}
    assert _data(_reader(store, program="2"), files) == read
    assert decode(encode([*read.values()]), SpecFile) is None


def _data(reader: SpecReader, files: Mapping[str, bytes]) -> dict[str, DataFile]:
    found = {file: reader.data(Rules, file, raw) for file, raw in files.items()}
    reader.data.keep()
    return found


def test_a_changed_program_keeps_nothing(store: ResultStore) -> None:
    assert _read(_reader(store, current=False), _FILES) == _parsed(_FILES)
    assert _entries(store) == set()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(pickle.dumps((Path("/"),)), id="a type of another module"),
        pytest.param(pickle.dumps((os.getcwd,)), id="a function"),
        pytest.param(pickle.dumps((read_spec_file,)), id="a function of a module of specs"),
        pytest.param(pickle.dumps((values_of,)), id="a function of the base of specs"),
        pytest.param(b"\x80\x05\x8c\x18generator.fleet.spec_file\x8c\x0cis_file.exec\x93.", id="a path of names"),
        pytest.param(pickle.dumps(("text",)), id="no spec files"),
        pytest.param(pickle.dumps((Document("a", "b", None),)), id="no spec file"),
    ],
)
def test_what_is_no_spec_file_is_not_read(store: ResultStore, content: bytes) -> None:
    assert decode(content, SpecFile) is None
    _read(_reader(store), _FILES)
    store.write(dict.fromkeys(_entries(store), content))
    assert _read(_reader(store), _FILES) == _parsed(_FILES)
