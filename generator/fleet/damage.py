"""What errors in spec files leave unknown about the rest of the fleet.

Nothing may be said about a service because another spec has an error: to a reader of a broken fleet, the target of a
split looks like a service that nobody names, and a rival of a host like its owner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from generator.spec.base import fields_of
from generator.spec.service import Release, Service

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.core.yaml import Path
    from generator.fleet.model import ServiceEntry, ServiceInstance

# The keys that decide which service owns a host and where its requests go.
_ROUTING: Final = frozenset(
    {"host", "split", "mirror", "headers", "released", "takeover", "rollout", "rules"}
    | {"model", "version", "type", "environments"}
)
# The keys of a project that are no settings of its services.
_DESCRIPTIVE: Final = frozenset(("title", "retired", "domains"))
_KNOWN: Final = fields_of(Service).keys() | fields_of(Release).keys()


class Damage(Struct, frozen=True):
    """The starts of paths, and the names of services, about which little can be said.

    Settings below `unsettled` are not the real ones. Below `unrouted`, the real owners of hosts are not known. The
    services `absent` may be deployed anywhere.
    """

    unsettled: frozenset[str] = frozenset()
    unrouted: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()

    def __or__(self, other: Damage) -> Damage:
        """Return what either of two damages leaves unknown."""
        return Damage(self.unsettled | other.unsettled, self.unrouted | other.unrouted, self.absent | other.absent)

    def __bool__(self) -> bool:
        """Whether anything is unknown."""
        return bool(self.unsettled or self.unrouted or self.absent)


def damage_of_file(file: str) -> Damage:
    """Return the damage if nothing is known of what is at `file`: a spec in any place, a link, or a folder."""
    parts = file.split("/")
    project, stem = "/".join([*parts[:2], ""]), parts[-1].partition(".")[0]
    if stem == "project" or "models" in parts[2:]:
        return Damage(frozenset({project}), frozenset({project}))
    folder = file.removesuffix(parts[-1]) if len(parts) in (2, 4) else project
    return Damage(frozenset({file}), frozenset({folder}), frozenset({stem}))


def damage_of_service(file: str, lost: frozenset[Path]) -> Damage:
    """Return the damage of a service spec from which the entries `lost` had to be removed."""
    routed = any(path[-1] in _ROUTING or path[-1] not in _KNOWN for path in lost)
    known = damage_of_file(file)
    return known if routed else replace(known, unrouted=frozenset())


def damage_of_absence(
    services: Iterable[ServiceEntry], instances: Mapping[str, Mapping[tuple[str, str, str], ServiceInstance]]
) -> Damage:
    """Return the damage of services that are not deployed where their specs say so, by environment and service."""
    out = Damage()
    for service in services:
        for name, release in service.spec.environments.items():
            if release is not None and service.key not in instances.get(name, ()):
                out |= replace(damage_of_file(service.document.file), unsettled=frozenset())
    return out


def damage_of_project(file: str, lost: frozenset[Path]) -> Damage:
    """Return the damage of a project spec from which the entries `lost` had to be removed."""
    return Damage() if all(path[0] in _DESCRIPTIVE for path in lost) else damage_of_file(file)
