"""The leaves of spec files and the lines of templates that differ between two sides."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from msgspec import Struct

from generator.core.finding import Position
from generator.review.kinds import KindRules
from generator.review.leaves import ABSENT, differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.core.template_loader import TemplateLoader
    from generator.core.yaml import Document, Path
    from generator.fleet.model import Fleet


class SpecChange(Struct, frozen=True):
    """A leaf of a spec that differs; `path` is that in `document`, of a leaf that is gone in the old one."""

    document: Document
    path: Path
    removed: bool = False

    def position(self, below: Path = ()) -> Position:
        """Return the position of the leaf, or of what is below it."""
        return self.document.position((*self.path, *below))


class TemplateChange(Struct, frozen=True):
    """A file below templates/ that differs: its name and the numbers and texts of the lines that are new in it."""

    name: str
    lines: tuple[tuple[int, str], ...]

    def position(self, word: str) -> Position:
        """Return the position of the first changed line with a key, with a word, or else of the first changed line."""
        keys = [number for number, text in self.lines if text.lstrip(" -").startswith(f"{word}:")]
        words = [number for number, text in self.lines if word in text]
        numbers = [*keys, *words, *(number for number, _ in self.lines), 1]
        return Position(f"templates/{self.name}", numbers[0])


def spec_changes(before: Fleet, after: Fleet, files: Iterable[str]) -> list[SpecChange]:
    """Return the leaves that differ in these files; of a file that only one side has, the whole file."""
    old, new = spec_documents(before), spec_documents(after)
    return [change for file in files for change in _of_file(old.get(file), new.get(file))]


def template_changes(before: TemplateLoader, after: TemplateLoader, names: Iterable[str]) -> list[TemplateChange]:
    """Return the lines that differ in these files."""
    return [TemplateChange(name, tuple(_changed_lines(_lines(before, name), _lines(after, name)))) for name in names]


def spec_documents(fleet: Fleet) -> dict[str, Document]:
    """Return the spec files of a fleet by their path."""
    documents = [
        fleet.document,
        *fleet.project_documents.values(),
        *(model.document for model in fleet.models.values()),
        *(service.document for service in fleet.services),
    ]
    return {document.file: document for document in documents}


def _of_file(before: Document | None, after: Document | None) -> Iterator[SpecChange]:
    if before is None or after is None:
        document = after or before
        if document is not None:
            yield SpecChange(document, (), removed=after is None)
        return
    for found in differences(before.data, after.data, KindRules()):
        gone = found.after is ABSENT
        yield SpecChange(before if gone else after, found.old if gone else found.new, gone)


def _lines(loader: TemplateLoader, name: str) -> list[str]:
    return loader.content(name).decode("utf-8", "replace").splitlines() if loader.has(name) else []


def _changed_lines(before: list[str], after: list[str]) -> Iterator[tuple[int, str]]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, old, old_end, start, end in matcher.get_opcodes():
        if tag == "delete":  # what is gone was before this line
            yield min(start + 1, len(after) or 1), " ".join(before[old:old_end])
        elif tag != "equal":
            yield from ((at + 1, after[at]) for at in range(start, end))
