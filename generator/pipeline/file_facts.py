"""What earlier runs found out about spec files without errors, so that a comparison need not read those that stay.

The facts of a service come from its own file, the files of its project and its model, the platform file, the templates
and servegen itself. An entry of the store is about a few files that follow each other, as in spec_memory.py.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec import Struct, json

from generator.pipeline.spec_memory import SpecMemory, chunks
from generator.spec.files import PLATFORM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from generator.pipeline.app_memory import EntryStore
    from generator.pipeline.spec_memory import Chunk


class FileFacts(Struct, frozen=True, array_like=True):
    """What others must know about a spec file without errors; all is empty if it is no service.

    `model` is the path of the file of its model, and `used` the digest of what that file and the one of its project
    contain. Services that have one of the `links` in common can alter each other's objects. `parts` are what the
    objects that belong to no app have because of it.
    """

    model: str = ""
    used: str = ""
    links: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(slots=True)
class FactMemory:
    """The facts in `store`. `inputs` is a digest of servegen and of the repository's own templates.

    `is_current` is whether servegen is still the same as when this process began.
    """

    store: EntryStore
    inputs: str
    is_current: Callable[[], bool]
    # What is in the store about some files, with the key of their entry.
    _entries: dict[Chunk, tuple[str, list[FileFacts]]] = field(init=False, default_factory=dict)

    def read(self, revisions: Iterable[Mapping[str, bytes]]) -> dict[tuple[str, bytes], FileFacts]:
        """Return what is known about the spec files of revisions with the same platform file, by path and content.

        A service may use other files by now: `used` says what they contained.
        """
        keys = {chunk: self._key(chunk, specs[PLATFORM]) for specs in revisions for chunk in chunks(specs)}
        found = self.store.read(keys.values())
        self._entries = {chunk: (key, _decoded(found.get(key, b"[]"))) for chunk, key in keys.items()}
        entries = ((chunk, facts) for chunk, (_, facts) in self._entries.items() if facts)
        return {one: its for chunk, facts in entries for one, its in zip(chunk, facts, strict=True)}

    def keep(self, facts: Mapping[tuple[str, bytes], FileFacts]) -> None:
        """Keep what the store does not have, unless servegen has changed since this process began."""
        new: dict[str, bytes] = {}
        for chunk, (key, known) in self._entries.items():
            if facts.keys() >= set(chunk) and (now := [facts[one] for one in chunk]) != known:
                new[key] = json.encode(now)
        if new and self.is_current():
            self.store.write(new)

    @property
    def specs(self) -> SpecMemory:
        """Parsed files in the same store, for those that every comparison needs."""
        return SpecMemory(self.store, self.inputs, self.is_current)

    def _key(self, chunk: Chunk, platform: bytes) -> str:
        digest = hashlib.sha256(f"facts {self.inputs}".encode())
        for file, raw in ((PLATFORM, platform), *chunk):
            digest.update(repr((file, len(raw))).encode("utf-8", "surrogatepass"))
            digest.update(raw)
        return digest.hexdigest()


def _decoded(content: bytes) -> list[FileFacts]:
    return json.decode(content, type=list[FileFacts])
