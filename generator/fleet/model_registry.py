"""Rules of the model registry: where a version is in use, and which of its facts must not change from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.spec.base import values_of
from generator.spec.layers import written_values
from generator.spec.model import IDENTITY, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.fleet.model import ServiceEntry
    from generator.spec.model import Version


def users(services: Iterable[ServiceEntry], project: str, model: str, version: str) -> Iterator[ServiceEntry]:
    """Yield the services that serve a version of a project's model."""
    for service in services:
        if (service.project, service.spec.model, service.spec.version) == (project, model, version):
            yield service


def deployed_in(service: ServiceEntry) -> list[str]:
    """Return the environments in which a service is deployed."""
    return [name for name, release in service.spec.environments.items() if release is not None]


def changed_keys(before: Version, after: Version) -> list[str]:
    """Return the identity keys that differ in `after`; a nested key is written as `origin.run`.

    A key that `before` does not have is not a change, except `defaults`: settings change what runs. A version always
    has a path, so another path is always a change.
    """
    old, new = _facts(before), _facts(after)
    return [key for key in old.keys() | new.keys() if old.get(key) != new.get(key) and _counts(key, old)]


def _counts(key: str, old: dict[str, Any]) -> bool:
    return key in old or key == "defaults"


def _facts(version: Version) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for key in IDENTITY:
        value = getattr(version, key)
        if isinstance(value, Origin):
            facts |= {f"origin.{name}": fact for name, fact in values_of(value).items() if fact is not None}
        elif value is not None and key != "origin":
            facts[key] = written_values(value) if key == "defaults" else value
    return facts
