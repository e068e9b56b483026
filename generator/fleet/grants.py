"""What a project may use in an environment, by the `grants` of the platform file.

Grants are for what a project's own files name. What the platform file or a file of templates/ sets needs none.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.fleet.external_secrets import reads_any_entry
from generator.fleet.model import namespace
from generator.spec.files import PLATFORM
from generator.spec.grants import EVERY_PROJECT, Grant
from generator.spec.layers import merge, origin, to_settings
from generator.spec.values.cluster import PROJECT
from generator.spec.values.patterns import matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.fleet.model import Fleet, ServiceInstance
    from generator.spec.settings import Settings

_NONE: Final = Grant()
_NOTHING: Final = to_settings({})


class Rights(Struct, frozen=True):
    """What a project may use in one environment.

    `shared`: other projects have the same namespace there. `reads_any_entry`: the name of a Secret alone decides which
    entry of a store it gets.
    """

    project: str
    environment: str
    grant: Grant
    shared: bool
    reads_any_entry: bool = False

    def allows(self, key: str, value: str, default: tuple[str, ...] = ()) -> bool:
        """Whether one of the patterns of `key` matches; those of `default`, if no grant has the key."""
        written: tuple[str, ...] | None = getattr(self.grant, key)
        return any(self.matches(pattern, value) for pattern in (default if written is None else written))

    def matches(self, pattern: str, value: str) -> bool:
        """Whether a pattern matches, with the names of the project and the environment for their placeholders."""
        if "{" in pattern:
            pattern = pattern.replace("{project}", self.project).replace("{environment}", self.environment)
        return matches(pattern, value)

    def names(self, key: str) -> tuple[str, ...]:
        """Return the patterns of what a namespace may hold for the project, if no grant has the key."""
        return ("{project}-*",) if self.shared or (key == "secrets" and self.reads_any_entry) else ("*",)


class GrantBook(Struct, frozen=True, dict=True):
    """The grants of a fleet, by project; each project's own keys replace those of `*`."""

    fleet: Fleet

    def rights(self, project: str, environment: str) -> Rights:
        """Return what a project may use in an environment."""
        key = project, environment
        if key not in self._known:
            shared = len(self._members.get((environment, self.fleet.namespace(project, environment)), ())) > 1
            any_entry = reads_any_entry(self.fleet.platform, environment)
            self._known[key] = Rights(project, environment, self.grant(project), shared, any_entry)
        return self._known[key]

    def grant(self, project: str) -> Grant:
        """Return the grant of a project."""
        return effective_grant(self.fleet.grants or {}, project)

    def holders(self, host: str) -> frozenset[str]:
        """Return the projects that are granted the longest granted domain that a host has or is below.

        A domain of `*` is not one of the projects that have domains of their own.
        """
        above = [domain for domain in self._domains if domain == "*" or f".{host}".endswith(f".{domain}")]
        return self._domains[max(above, key=len)] if above else frozenset()

    @cached_property
    def _known(self) -> dict[tuple[str, str], Rights]:
        return {}

    @cached_property
    def _members(self) -> dict[tuple[str, str], set[str]]:
        """The projects by environment and namespace."""
        members: dict[tuple[str, str], set[str]] = {}
        for project in {service.project for service in self.fleet.services}:
            for environment in self.fleet.environments:
                members.setdefault((environment, self.fleet.namespace(project, environment)), set()).add(project)
        return members

    @cached_property
    def _domains(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for project, grant in (self.fleet.grants or {}).items():
            for domain in grant.domains or ():
                if PROJECT not in domain:
                    found.setdefault(domain, set()).update(self._named(project))
                    continue
                for name in self._named(project):
                    found.setdefault(domain.replace(PROJECT, name.lower()), set()).add(name)
        return {domain: frozenset(projects) for domain, projects in found.items()}

    def _named(self, project: str) -> Iterable[str]:
        """Return the projects that a granted domain is for; for `*` all without own domains."""
        if project != EVERY_PROJECT:
            return (project,)
        grants = self.fleet.grants or {}
        own = {name for name, grant in grants.items() if name != EVERY_PROJECT and grant.domains is not None}
        return {service.project for service in self.fleet.services} - own


def effective_grant(grants: Mapping[str, Grant], project: str) -> Grant:
    """Return the grant of a project: its own keys, then those of `*`."""
    layers = [grants.get(EVERY_PROJECT), grants.get(project)]
    written = [(grant, name) for grant in layers if grant is not None for name in grant.written]
    if not written:
        return _NONE
    keys = {name: getattr(grant, name) for grant, name in written}
    return Grant(**keys, written=frozenset(keys))


def is_platforms(instance: ServiceInstance, *path: str | int) -> bool:
    """Whether the platform file or a file of templates/ set the effective value of a setting; also if nobody did.

    An item of a list has the index that it has in the settings.
    """
    place = origin(instance.layers, path)
    return place is None or _is_trusted(place.file)


def platform_settings(instance: ServiceInstance, *keys: str) -> Settings:
    """Return what the platform file and the files of templates/ set of `keys`, whatever later layers do to it."""
    trusted = (layer.values for layer in instance.layers if _is_trusted(layer.document.file))
    found = [values for values in trusted if not values.keys().isdisjoint(keys)]
    if not found:
        return _NOTHING
    return to_settings(merge({key: values[key] for key in keys if key in values} for values in found))


def _is_trusted(file: str) -> bool:
    return file == PLATFORM or file.startswith("templates/")


def default_namespace(fleet: Fleet, project: str, environment: str) -> str:
    """Return the namespace that the environment alone gives to a project."""
    return namespace(fleet.platform, {}, project, environment)
