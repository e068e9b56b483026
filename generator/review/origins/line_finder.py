"""The lines of specs that change a value: candidates, each tried by rendering the object with another value there."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from generator.core.yaml.key_path import find_path
from generator.fleet.model import ClusterEntry, ServiceInstance
from generator.fleet.routes import RouteGroup
from generator.render.provenance import setting_value
from generator.review.origins.app_files import app_files, app_of_object
from generator.review.origins.field_paths import value_at
from generator.review.origins.origin import SettingLines, SpecLine, ValueOrigin
from generator.review.origins.setting_lines import setting_lines
from generator.review.origins.spec_leaves import leaf_value, spec_leaves
from generator.review.origins.what_if import WhatIf
from generator.review.spec_changes import spec_documents
from generator.spec.files import PLATFORM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.core.yaml import Document, Path
    from generator.render.app_manifests import Manifest
    from generator.render.engine.shapes import SlotPath
    from generator.render.provenance import Leaf
    from generator.review.side import Side

# So many lines are tried for one value.
_SETTINGS: Final = 16
_OTHERS: Final = 10
# With more services, what belongs to no app is not rendered again: that takes as long as the whole fleet.
_MOST_SERVICES: Final = 200
_OWN_KEYS: Final = ("id", "model", "version")
# Settings that are in the rules of a route under their own name.
_OF_RULES: Final = ("timeout", "retries", "cors")
_OF_ROUTES: Final = ("split", "headers", "mirror", "ports", "gateways", *_OF_RULES)
# Parts of the platform file from which nothing is rendered.
_JUDGING: Final = frozenset({"grants", "waivers", "servegen"})


@dataclass(slots=True)
class LineFinder:
    """Finds the lines of one side's specs that change a value. `specs` are its files.

    Without `tries` nothing is rendered again, and the settings that a template reads are all that is known.
    """

    side: Side
    specs: Mapping[str, bytes]
    tries: bool
    _tries: dict[tuple[str, str] | None, WhatIf] = field(init=False, default_factory=dict)
    _documents: dict[str, Document] = field(init=False)

    def __post_init__(self) -> None:
        self._documents = spec_documents(self.side.fleet)

    def of(self, entry: Manifest, path: SlotPath, reads: Iterable[Leaf]) -> ValueOrigin:
        """Return the lines that change a value of an object, whose slot reads these settings of a service."""
        value = str(value_at(entry.tree, path))
        settings = self._settings(entry, path, value, reads)
        proven = self._proven(settings, entry, path)
        has_near = any(_is_near(one, path, value) for one in proven)
        lines = [] if has_near else [*self._own_lines(entry, path)]
        if not proven and not lines:
            lines += self._other_lines(entry, path, value)
        if proven or lines:
            return ValueOrigin(settings=tuple(proven), lines=tuple(lines), proven=True)
        near = [one for one in settings if _is_near(one, path, value)]
        return ValueOrigin(settings=tuple(near), lines=tuple(self._unproven(entry, value)))

    def _settings(self, entry: Manifest, path: SlotPath, value: str, reads: Iterable[Leaf]) -> list[SettingLines]:
        """Return the settings that a slot reads, those first whose name or value is in the object's value."""
        origin, words = entry.origin, set(map(str, path))
        if isinstance(origin, RouteGroup):
            origin, reads = origin.owner, [(key,) for key in _OF_RULES if key in words]
        if not isinstance(origin, ServiceInstance):
            return []
        instance = origin
        ordered = sorted(reads, key=lambda leaf: (*_rank(instance, leaf, words, value), tuple(map(str, leaf))))
        return [found for leaf in ordered if (found := setting_lines(instance, leaf)).lines][:_SETTINGS]

    def _proven(self, settings: list[SettingLines], entry: Manifest, path: SlotPath) -> list[SettingLines]:
        """Return those that change the value; if one with its name or text does, only such ones are tried."""
        value, out = str(value_at(entry.tree, path)), list[SettingLines]()
        for one in settings:
            if not any(_is_near(other, path, value) for other in out) or _is_near(one, path, value):
                out += [one] if self._sets(one, entry, path) else []
        return out

    def _sets(self, one: SettingLines, entry: Manifest, path: SlotPath) -> bool:
        first = one.lines[0]
        document = self._documents.get(first.position.file)
        return document is not None and self._changes(document, first, entry, path)

    def _changes(self, document: Document, line: SpecLine, entry: Manifest, path: SlotPath) -> bool:
        tries = self._what_if(entry)
        at = _path_of(document, line.key)
        return tries is not None and any(
            tries.changes(document, leaf, entry, path) for leaf in islice(spec_leaves(document, at), _OTHERS)
        )

    def _own_lines(self, entry: Manifest, path: SlotPath) -> Iterator[SpecLine]:
        """Yield the keys of a service's spec that are no settings and change the value."""
        origin, tries = entry.origin, self._what_if(entry)
        if isinstance(origin, ServiceInstance) and tries is not None:
            document = origin.service.document
            for key in _OWN_KEYS:
                if tries.changes(document, (key,), entry, path):
                    yield _line(document, (key,))

    def _other_lines(self, entry: Manifest, path: SlotPath, value: str) -> Iterator[SpecLine]:
        """Yield the first line that is no setting of the slot and changes the value."""
        tries = self._what_if(entry)
        if tries is None:
            return
        for document, leaf in islice(self._candidates(entry, value), _OTHERS):
            if tries.changes(document, leaf, entry, path):
                yield _line(document, leaf)
                return

    def _unproven(self, entry: Manifest, value: str) -> Iterator[SpecLine]:
        """Yield where the object is declared, and the line there that has the value."""
        origin = entry.origin
        if isinstance(origin, RouteGroup):
            yield from (line for line in setting_lines(origin.owner, ("host",)).lines[:1] if line.value == value)
        if isinstance(origin, ClusterEntry):
            yield _line(origin.document, origin.path)
            inside = spec_leaves(origin.document, origin.path)
            equal = (path for path in inside if leaf_value(origin.document, path) == value)
            yield from (_line(origin.document, path) for path in islice(equal, 1) if path != origin.path)

    def _candidates(self, entry: Manifest, value: str) -> Iterator[tuple[Document, Path]]:
        """Yield the leaves of the files that can change an object, those first that are in the value."""
        found = list(self._leaves(entry))
        is_route = isinstance(entry.origin, RouteGroup)
        found.sort(key=lambda one: (is_route and _rank_of_route(one[1]), _distance(str(leaf_value(*one)), value)))
        yield from found

    def _leaves(self, entry: Manifest) -> Iterator[tuple[Document, Path]]:
        environment = entry.environment
        cluster = self.side.fleet.contexts[environment].cluster
        for file in self._files(entry):
            document = self._documents[file]
            for path in spec_leaves(document):
                is_elsewhere = path[0] == "environments" and path[1] != environment
                is_far = path[0] == "clusters" and file == PLATFORM and path[1] != cluster
                if not (is_elsewhere or is_far or (file == PLATFORM and path[0] in _JUDGING)):
                    yield document, path

    def _files(self, entry: Manifest) -> list[str]:
        app = app_of_object(entry)
        found = self.specs if app is None else app_files(self.side, app)
        wide = [file for file in found if "/models/" not in file] if app is None else found
        return [file for file in wide if file in self._documents]

    def _what_if(self, entry: Manifest) -> WhatIf | None:
        """Return what renders an object again; None if that takes too long."""
        app = app_of_object(entry)
        if not self.tries or (app is None and len(self.side.fleet.services) > _MOST_SERVICES):
            return None
        if app not in self._tries:
            files = self.specs if app is None else app_files(self.side, app)
            specs = {file: self.specs[file] for file in files if file in self.specs}
            self._tries[app] = WhatIf(specs, self.side.renderer, app)
        return self._tries[app]


def _rank(instance: ServiceInstance, leaf: Leaf, words: set[str], value: str) -> tuple[bool, bool, bool]:
    """Return the place of a setting among those that a slot reads: by its name, its text, and its key."""
    text = str(setting_value(instance, leaf))
    is_named = isinstance(leaf[-1], str) and (leaf[-1] in words or leaf[-1] == value)
    return not is_named, not _is_in(text, value), leaf[0] not in words


def _is_near(one: SettingLines, path: SlotPath, value: str) -> bool:
    """Return whether a setting that is only read belongs to the value: by its name, or by its text."""
    name = one.key.partition(".")[2]
    return (not name.isdecimal() and name in path) or _is_in(one.lines[0].value, value)


def _rank_of_route(path: Path) -> int:
    """Return the place of a key among those that say where requests of a host go; who has the host comes last."""
    found = (_OF_ROUTES.index(str(step)) for step in path if step in _OF_ROUTES)
    return min(found, default=len(_OF_ROUTES))


def _distance(text: str, value: str) -> int:
    if text == value:
        return 0
    return 1 if _is_in(text, value) else 2


def _is_in(text: str, value: str) -> bool:
    return text == value or (len(text) > 1 and text in value) or (len(value) > 1 and value in text)


def _line(document: Document, path: Path) -> SpecLine:
    value = leaf_value(document, path)
    return SpecLine(document.position(path), ".".join(map(str, path)), value if isinstance(value, str) else "")


def _path_of(document: Document, key: str) -> Path:
    return find_path(document.data, key) or ()
