"""The services that read what differs in a model, a project file or the platform file.

A default reaches the services whose layers differ by it, also where a higher layer decides: a finding may be about the
lower one. Any other key reaches what it is about, and all services if that is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.review.spec_changes import spec_changes
from generator.spec.files import PLATFORM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from generator.core.yaml import Path
    from generator.fleet.model import ServiceEntry, ServiceInstance
    from generator.review.side import Side
    from generator.review.sides import Sides

    Key = tuple[str, str, str]
    Reads = Callable[[ServiceEntry], bool]


def layer_causes(sides: Sides) -> Iterator[tuple[Key, str, str]]:
    """Yield the services that read a changed model, project file or platform file: service, kind and path of it."""
    services = {entry.key: entry for side in (sides.before, sides.after) for entry in side.fleet.services}
    changed = set(sides.changed)
    layers = _Layers(sides.before, sides.after)
    for file in sorted(changed):
        parts = file.split("/")
        kind = "platform" if file == PLATFORM else "project" if parts[-1] == "project.yaml" else ""
        if kind:
            reads = layers.readers(file)
            yield from ((key, kind, file) for key, entry in services.items() if reads(entry))
    for key, entry in services.items():
        file = f"services/{entry.project}/models/{entry.spec.model}.yaml"
        if file in changed and layers.version_differs(entry):
            yield key, "model", file


class _Layers:
    def __init__(self, before: Side, after: Side) -> None:
        self.before, self.after = before, after

    def version_differs(self, entry: ServiceEntry) -> bool:
        models = (side.fleet.models.get((entry.project, entry.spec.model)) for side in (self.before, self.after))
        old, new = (model.spec.versions.get(entry.spec.version) if model is not None else None for model in models)
        return old != new

    def readers(self, file: str) -> Reads:
        """Return which services read one of the keys of a file that differ."""
        paths = [change.path for change in spec_changes(self.before.fleet, self.after.fleet, [file])]
        project = None if file == PLATFORM else file.split("/")[1]
        found = [self._reader(path, file) for path in paths]
        return lambda entry: project in (None, entry.project) and any(reads(entry) for reads in found)

    def _reader(self, path: Path, file: str) -> Reads:
        match path:
            case ("defaults", *_) | ("environments" | "clusters", _, "defaults", *_):
                return lambda entry: self._layer_differs(entry, file)
            case ("environments", str(name), *_):
                return lambda entry: name in entry.spec.environments
            case ("clusters", str(name), *_) if file == PLATFORM:
                return lambda entry: any(self._cluster(place) == name for place in ("", *entry.spec.environments))
            case ("grants", str(name), *_) if file == PLATFORM and name in self._projects():
                return lambda entry: entry.project == name
            case _:
                return lambda _: True

    def _layer_differs(self, entry: ServiceEntry, file: str) -> bool:
        """Return whether the layers of a service from a file have other values, in any environment."""
        for name in ("", *entry.spec.environments):
            old, new = (self._instance(side, entry, name) for side in (self.before, self.after))
            if old is not new and _values(old, file) != _values(new, file):
                return True
        return False

    def _instance(self, side: Side, entry: ServiceEntry, environment: str) -> ServiceInstance | None:
        fleet = side.fleet
        return (fleet.instances.get(environment, {}) if environment else fleet.bases).get(entry.key)

    def _cluster(self, environment: str) -> str:
        contexts = (side.fleet.contexts.get(environment) for side in (self.after, self.before))
        return next((context.cluster for context in contexts if context is not None), "")

    def _projects(self) -> set[str]:
        return {entry.project for side in (self.before, self.after) for entry in side.fleet.services}


def _values(instance: ServiceInstance | None, file: str) -> list[object]:
    layers = instance.layers if instance is not None else ()
    return [(layer.path, layer.values) for layer in layers if layer.document.file == file]
