"""The changes of specs that can reach an instance of a service, with the settings that they write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.render.provenance import setting_value
from generator.spec.base import fields_of
from generator.spec.files import PLATFORM
from generator.spec.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.fleet.model import ServiceInstance
    from generator.render.provenance import Leaf as SettingLeaf
    from generator.review.spec_changes import SpecChange

# Parts of the platform file that nothing is rendered from.
_JUDGING: Final = frozenset({"grants", "waivers", "servegen"})


class SpecCandidate(Struct, frozen=True):
    """A change that can reach an instance.

    `setting` is the setting that it writes, None for any other key; `level` is the place of its layer among all layers.
    """

    change: SpecChange
    setting: SettingLeaf | None = None
    level: int = -1

    def writes(self, leaf: SettingLeaf) -> bool:
        """Return whether it writes a setting, a part of it, or what it is a part of."""
        pairs = zip(self.setting or (), leaf, strict=False)
        return self.setting is not None and all(
            one == other or isinstance(one, int) or isinstance(other, int) for one, other in pairs
        )


def candidates(
    changes: Iterable[SpecChange], before: ServiceInstance | None, after: ServiceInstance | None
) -> list[SpecCandidate]:
    """Return the changes that can reach a service in an environment; one side may not have it.

    A setting that has the same value in both is left out: a higher layer sets it.
    """
    sides = [instance for instance in (before, after) if instance is not None]
    found = (one for change in changes for one in _candidate(change, sides))
    if before is None or after is None:
        return list(found)
    return [one for one in found if one.setting is None or _differs(one.setting, before, after)]


def _differs(setting: SettingLeaf, before: ServiceInstance, after: ServiceInstance) -> bool:
    name = setting[:1] if len(setting) < 2 or isinstance(setting[1], int) else setting[:2]
    try:
        return not name or bool(setting_value(before, name) != setting_value(after, name))
    except (AttributeError, KeyError):  # a compact value has no parts of its own
        return bool(setting_value(before, name[:1]) != setting_value(after, name[:1]))


def _candidate(change: SpecChange, sides: list[ServiceInstance]) -> Iterator[SpecCandidate]:
    """Yield the change as a candidate if it can reach one of the sides."""
    file, path = change.document.file, change.path
    for instance in sides:
        if not _is_in_reach(file, path, instance):
            continue
        found = [
            (len(layer.path), level)
            for level, layer in enumerate(instance.layers)
            if layer.document.file == file and path[: len(layer.path)] == layer.path
        ]
        depth, level = max(found, default=(0, -1))
        setting = path[depth:]
        is_setting = bool(found) and (not setting or setting[0] in fields_of(Settings))
        yield SpecCandidate(change, setting if is_setting and path else None, level)
        return


def _is_in_reach(file: str, path: tuple[str | int, ...], instance: ServiceInstance) -> bool:
    """Return whether a key of a file can have an effect on an instance."""
    service, place = instance.service, instance.environment
    start = f"services/{service.project}"
    if file == PLATFORM and path[:1] and path[0] in _JUDGING:
        return False
    if file == f"{start}/models/{service.spec.model}.yaml":
        return path[:1] != ("versions",) or path[1:2] in ((), (service.spec.version,))
    if file not in (PLATFORM, f"{start}/project.yaml", service.document.file):
        return False
    if path[:1] == ("environments",):
        return path[1:2] in ((), (place.name,))
    return path[:1] != ("clusters",) or path[1:2] in ((), (place.cluster,))
