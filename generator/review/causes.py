"""Find the cause of each change: which line of a spec or a template brought it.

A slot of a template reads settings (render/provenance.py), and each setting comes from a layer. So the cause of a leaf
is the changed line of a layer that writes a setting that its slot reads; of a text that no slot fills, the line of the
template; and of any other value a changed key that is no setting, such as `version` or a fact of the cluster. Where
this does not decide, all changes that can reach the object are named.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from generator.fleet.model import ServiceInstance
from generator.fleet.routes import RouteGroup
from generator.render.files import CONFIG
from generator.render.provenance import trace
from generator.review.candidates import SpecCandidate, candidates
from generator.review.cause import Cause, cause_of_spec, cause_of_template
from generator.review.claim_index import ClaimIndex
from generator.review.counterfactual import find_bringers
from generator.spec.files import PLATFORM
from generator.spec.layers import MERGED_MODELS, NAMED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.render.app_manifests import Manifest
    from generator.render.engine.shapes import SlotPath
    from generator.render.provenance import Leaf as SettingLeaf
    from generator.review.leaves import Difference
    from generator.review.objects import Rendered
    from generator.review.side import Side
    from generator.review.spec_changes import SpecChange, TemplateChange

    Slots = list[tuple[SlotPath, frozenset[SettingLeaf]]]

_REFERENCES: Final = frozenset({"configMap", "configMapRef", "configMapKeyRef"})
# Mappings of names that people choose; what a slot makes of them has these names.
_BY_NAME: Final = NAMED - MERGED_MODELS.keys()
# The keys of services that decide about the routes of a host.
_ROUTING: Final = frozenset(
    {"host", "path", "headers", "split", "mirror", "ports", "timeout", "released", "takeover", "rollout"}
    | {"protocols"}
)
_NOTHING: Final = frozenset["SettingLeaf"]()


@dataclass(slots=True)
class Causes:
    """What differs between two sides, to find the causes of what changes in the objects."""

    before: Side
    after: Side
    specs: Sequence[SpecChange]
    templates: Sequence[TemplateChange]
    _slots: dict[tuple[bool, str, tuple[str, str, str], str], Slots] = field(default_factory=dict)
    _claims: ClaimIndex = field(init=False)

    def __post_init__(self) -> None:
        self._claims = ClaimIndex((self.before.routing, self.after.routing))

    def of_leaf(self, old: Rendered, new: Rendered, difference: Difference) -> tuple[Cause, ...]:
        """Return the causes of one difference of an object."""
        found, word = self._candidates(old, new), difference.pattern[-1]
        own = self._template(new, word)
        if len(found) + len(own) < 2:
            return tuple(dict.fromkeys([*map(_plain, found), *own]))
        chosen = self._chosen(old, new, difference, found, own)
        return tuple(dict.fromkeys(chosen or [*own, *map(_plain, found)]))

    def of_existence(self, entry: Rendered, *, is_new: bool) -> tuple[Cause, ...]:
        """Return the causes of an object that is new, or that is gone."""
        found, own = self._candidates(entry, entry), self._template(entry, "")
        if len(found) + len(own) < 2:
            return tuple(dict.fromkeys([*map(_plain, found), *own]))
        whole = [one for one in found if _is_whole(one.change, entry.environment)]
        reads = _NOTHING.union(*(leaves for _, leaves in self._trace(entry, after=is_new)))
        chosen = whole or _writers(found, reads) or [one for one in found if one.setting is None] or found
        return tuple(dict.fromkeys([*map(_plain, chosen), *own]))

    def of_host(self, environment: str, address: str) -> tuple[Cause, ...]:
        """Return the causes of another owner of a host."""
        return tuple(dict.fromkeys(map(_plain, self._of_address(environment, address))))

    def of_move(self, environment: str, project: str) -> tuple[Cause, ...]:
        """Return the causes of another place of a project in an environment."""
        files = (PLATFORM, f"services/{project}/project.yaml")
        found = [change for change in self.specs if change.document.file in files]
        whole = [change for change in found if _is_whole(change, environment)]
        return tuple(dict.fromkeys(map(cause_of_spec, whole or found)))

    def _chosen(
        self, old: Rendered, new: Rendered, difference: Difference, found: list[SpecCandidate], own: list[Cause]
    ) -> list[Cause]:
        patches = [one for one in found if one.setting is not None and one.setting[:1] == ("patches",)]
        if patches and (_is_patched(old.manifest, difference.old) or _is_patched(new.manifest, difference.new)):
            return [*map(_plain, patches)]
        if new.generated or _is_config_name(new, difference):
            return _named([one for one in found if one.writes((CONFIG,))], difference, frozenset())
        sides = (self._reads(old, difference.old, after=False), self._reads(new, difference.new, after=True))
        reads = _NOTHING.union(*(leaves for leaves in sides if leaves is not None))
        others = [one for one in found if one.setting is None]
        if matched := _writers(found, reads):
            able = [one for one in matched if not others or _can_name(one, difference)]
            return _named(able or self._brought(old, new, difference, others), difference, reads)
        if own and sides == (None, None):
            return own
        return [*map(_plain, self._brought(old, new, difference, others))]

    def _brought(
        self, old: Rendered, new: Rendered, difference: Difference, found: list[SpecCandidate]
    ) -> list[SpecCandidate]:
        """Return those of several changes that bring a value; all if that is not known."""
        origin, template = new.manifest.origin, new.manifest.template
        if len(found) < 2 or not isinstance(origin, ServiceInstance) or not template.endswith(".j2"):
            return found
        instances = self._instance(self.before, old, origin.service.key), origin
        return find_bringers(self.after.renderer, template, difference.new, instances, found) or found

    def _candidates(self, old: Rendered, new: Rendered) -> list[SpecCandidate]:
        if not self.specs:
            return []
        origin = new.manifest.origin
        if isinstance(origin, RouteGroup):
            return self._of_address(new.environment, *(route.address for route in origin.routes))
        if isinstance(origin, ServiceInstance):
            key = origin.service.key
            before, after = self._instance(self.before, old, key), self._instance(self.after, new, key)
            found = candidates(self.specs, before, after)
            return found or self._of_address(new.environment, *self._claims.addresses(new.environment, key))
        return self._of_folder(new)

    def _of_folder(self, entry: Rendered) -> list[SpecCandidate]:
        """Return the changes that can reach an object of an app, a project or a cluster."""
        origin, file = entry.manifest.origin, entry.file
        folder = file.rpartition("/")[0]
        path = getattr(origin, "path", ())
        near = [
            change
            for change in self.specs
            if change.document.file == file and all(a == b for a, b in zip(change.path, path, strict=False))
        ]
        around = [change for change in self.specs if change.document.file.rpartition("/")[0] == folder]
        wide = [change for change in self.specs if change.document.file.endswith(("platform.yaml", "project.yaml"))]
        return [SpecCandidate(change) for change in near or around or wide or self.specs]

    def _of_address(self, environment: str, *addresses: str) -> list[SpecCandidate]:
        """Return the changes of the services that claim one of these hosts, those of keys about routes first."""
        found = dict[int, SpecCandidate]()
        for key in dict.fromkeys(key for address in addresses for key in self._claims.claimants(environment, address)):
            instances = (side.fleet.instances.get(environment, {}).get(key) for side in (self.before, self.after))
            found |= {id(one.change): one for one in candidates(self.specs, *instances)}
        routing = [one for one in found.values() if _ROUTING & set(map(str, one.change.path))]
        whole = [one for one in found.values() if _is_whole(one.change, environment)]
        return routing + [one for one in whole if one not in routing] or list(found.values())

    def _instance(self, side: Side, entry: Rendered, key: tuple[str, str, str]) -> ServiceInstance | None:
        return side.fleet.instances.get(entry.environment, {}).get(key)

    def _template(self, entry: Rendered, word: str) -> list[Cause]:
        """Return the changed lines of the template of an object; without one, those of data files that it may use."""
        name = entry.manifest.template.removesuffix(".yaml.j2")
        own = [one for one in self.templates if one.name.startswith((f"{name}.", f"{name}/"))]
        data = [
            one for one in self.templates if not one.name.startswith(("service/", "platform/", "delivery/", "route"))
        ]
        return [cause_of_template(one, word) for one in own or data]

    def _reads(self, entry: Rendered, path: SlotPath, *, after: bool) -> frozenset[SettingLeaf] | None:
        """Return the settings that the slot at or above a path reads; None if the template's own text is there."""
        slots = [(at, leaves) for at, leaves in self._trace(entry, after=after) if path[: len(at)] == at]
        return max(slots, key=lambda slot: len(slot[0]))[1] if slots else None

    def _trace(self, entry: Rendered, *, after: bool) -> Slots:
        origin, template = entry.manifest.origin, entry.manifest.template
        if not isinstance(origin, ServiceInstance) or not template.endswith(".j2"):
            return []
        key = after, entry.environment, origin.service.key, template
        if key not in self._slots:
            side = self.after if after else self.before
            self._slots[key] = trace(side.renderer, origin, template) if side.renderer.loader.has(template) else []
        return self._slots[key]


def _plain(one: SpecCandidate) -> Cause:
    return cause_of_spec(one.change)


def _is_whole(change: SpecChange, environment: str) -> bool:
    """Return whether a whole file or a whole environment comes or goes, or an environment gets another place."""
    path = change.path
    return path in ((), ("environments",), ("environments", environment)) or (
        path[:2] == ("environments", environment) and path[2:] in (("cluster",), ("namespace",))
    )


def _is_patched(manifest: Manifest, path: SlotPath) -> bool:
    return any(path[: len(one)] == one or one[: len(path)] == path for one in manifest.patched)


def _writers(found: list[SpecCandidate], reads: Iterable[SettingLeaf]) -> list[SpecCandidate]:
    """Return those that write a setting which is read; of one setting, only the one of the highest layer."""
    out: dict[Any, SpecCandidate] = {}
    for one in found:
        if any(one.writes(leaf) for leaf in reads):
            other = out.get(one.setting)
            out[one.setting] = one if other is None or one.level > other.level else other
    return list(out.values())


def _named(found: list[SpecCandidate], difference: Difference, reads: Iterable[SettingLeaf]) -> list[Cause]:
    """Return those whose setting has a name that is in the path of the difference, or else all."""
    words = _words(difference)
    named = [one for one in found if one.setting is not None and words & set(map(str, one.setting[1:]))]
    return [cause_of_spec(one.change, _rest(one, words, reads)) for one in named or found]


def _is_config_name(entry: Rendered, difference: Difference) -> bool:
    """Return whether a value is the name of the service's generated ConfigMap, which has the hash of its content."""
    if difference.pattern[-1] != "name" or difference.pattern[-2:-1][0] not in _REFERENCES or entry.service is None:
        return False
    return all(str(value).startswith(f"{entry.service[2]}-") for value in (difference.before, difference.after))


def _can_name(one: SpecCandidate, difference: Difference) -> bool:
    """Return whether the difference may be of a name that a candidate writes: other names have other causes."""
    setting = one.setting or ()
    if not setting or setting[0] not in _BY_NAME:
        return True
    written = [str(name) for name in setting[1:2]] or _keys_at(one.change)
    return bool(_words(difference).intersection(written))


def _keys_at(change: SpecChange) -> list[str]:
    value: Any = change.document.data
    for step in change.path:
        value = value[step]
    return [str(key) for key in value] if isinstance(value, dict) else []


def _words(difference: Difference) -> set[str]:
    return {step.strip("[]") for step in difference.path}


def _rest(one: SpecCandidate, words: set[str], reads: Iterable[SettingLeaf]) -> SettingLeaf:
    """Return what leads from a mapping that is new to the name that the difference is about."""
    setting = one.setting or ()
    longer = (leaf for leaf in reads if leaf[: len(setting)] == setting and len(leaf) > len(setting) > 0)
    return next((leaf[len(setting) :] for leaf in sorted(longer, key=str) if str(leaf[-1]) in words), ())
