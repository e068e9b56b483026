"""`python -m tests.bench.floor SPECS DATA OUT`: read specs, emit trees and write files, and nothing else.

It is the least that a renderer in Python has to do: no resolving, no templates, no patches, no checks. `prepare` writes
DATA: for each file of a rendered tree its path, and either its first line and its documents, or its text.
"""

from __future__ import annotations

import gc
import marshal
import sys
from pathlib import Path

import yaml

from generator.core.yaml import dump, read

_SEPARATOR = "---\n"
_Entry = tuple[str, str, list[object]]


def prepare(rendered: Path, data: Path) -> None:
    """Write DATA for the files of a rendered tree."""
    entries = [_entry(str(path.relative_to(rendered)), path) for path in sorted(rendered.rglob("*")) if path.is_file()]
    data.write_bytes(marshal.dumps(entries))


def _entry(name: str, path: Path) -> _Entry:
    text = path.read_text(encoding="utf-8")
    first, _, rest = text.partition("\n")
    documents = [*yaml.load_all(rest, Loader=yaml.CSafeLoader)] if path.suffix == ".yaml" else []
    return (name, f"{first}\n", documents) if _text(f"{first}\n", documents) == text else (name, text, [])


def _text(first: str, documents: list[object]) -> str:
    return first + _SEPARATOR.join(dump(document) for document in documents)


def main(specs: Path, data: Path, out: Path) -> None:
    """Read the specs, and write the files of DATA to a new folder."""
    gc.disable()
    for path in sorted(specs.rglob("*.yaml")):
        read(path.read_bytes(), path.name)
    folders: set[Path] = set()
    entries: list[_Entry] = marshal.loads(data.read_bytes())
    for name, first, documents in entries:
        path = out / name
        if path.parent not in folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            folders.add(path.parent)
        path.write_bytes(_text(first, documents).encode() if documents else first.encode())


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
