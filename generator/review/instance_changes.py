"""The services whose effective settings differ between two sides, by comparison and not by the files that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from generator.fleet.model import ServiceInstance
from generator.spec.service import IDENTITY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext, Fleet

    Key = tuple[str, str, str]
    Instances = Mapping[Key, ServiceInstance]

# The settings and their layers are compared as what they give: a service with another comment renders the same.
_FACTS: Final = tuple(
    name for name in ServiceInstance.__struct_fields__ if name not in ("service", "environment", "layers")
)


def changed_instances(before: Fleet, after: Fleet) -> dict[Key, set[str]]:
    """Return the services that differ, that are new and that are gone, each with its environments.

    The environment of a base is the empty name. Line numbers do not count.
    """
    out: dict[Key, set[str]] = {}
    comparison = _InstanceComparison()
    for environment, old, new in _both(before, after):
        for key in old.keys() | new.keys():
            if not comparison.equal(old.get(key), new.get(key)):
                out.setdefault(key, set()).add(environment)
    return out


def _both(before: Fleet, after: Fleet) -> Iterator[tuple[str, Instances, Instances]]:
    yield "", before.bases, after.bases
    for name in dict.fromkeys((*before.instances, *after.instances)):
        yield name, before.instances.get(name, {}), after.instances.get(name, {})


class _InstanceComparison(Struct):
    """Compares instances; the services of an environment share its context, which is compared once."""

    _contexts: dict[tuple[int, int], bool] = field(default_factory=dict)

    def equal(self, one: ServiceInstance | None, other: ServiceInstance | None) -> bool:
        if one is other:
            return True
        if one is None or other is None or not self._same_context(one.environment, other.environment):
            return False
        specs = one.service.spec, other.service.spec
        same = specs[0] is specs[1] or all(getattr(specs[0], name) == getattr(specs[1], name) for name in IDENTITY)
        return same and all(getattr(one, name) == getattr(other, name) for name in _FACTS)

    def _same_context(self, one: EnvironmentContext, other: EnvironmentContext) -> bool:
        key = id(one), id(other)
        if key not in self._contexts:
            self._contexts[key] = one == other
        return self._contexts[key]
