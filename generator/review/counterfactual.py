"""Whether a key that is no setting brought a value: the object is rendered again without its change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from generator.review.leaves import ABSENT
from generator.spec.files import PLATFORM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.fleet.model import ServiceInstance
    from generator.render.engine.shapes import SlotPath
    from generator.render.objects import ObjectRenderer
    from generator.review.candidates import SpecCandidate


def find_bringers(
    objects: ObjectRenderer,
    template: str,
    path: SlotPath,
    instances: tuple[ServiceInstance | None, ServiceInstance | None],
    found: Iterable[SpecCandidate],
) -> list[SpecCandidate]:
    """Return the changes without which the value at a path is another one; `instances` are the service on both sides.

    A change whose effect on the instance is not known is none of them.
    """
    before, after = instances
    if before is None or after is None:
        return []
    value = _at(objects.service_object(after, template), path)
    hybrids = ((one, _without(one, before, after)) for one in found)
    return [
        one
        for one, hybrid in hybrids
        if hybrid is not None and _at(objects.service_object(hybrid, template), path) != value
    ]


def _without(one: SpecCandidate, before: ServiceInstance, after: ServiceInstance) -> ServiceInstance | None:
    """Return the instance without a change of a key, None if that is not possible."""
    file, path = one.change.document.file, one.change.path
    match path:
        case ("clusters", _, str(key), *_) if file == PLATFORM:
            facts = _copied(after.environment.facts, before.environment.facts, key)
            return replace(after, environment=replace(after.environment, facts=facts))
        case ("environments", _, *_) if file == PLATFORM:
            return replace(after, environment=before.environment, rules=before.rules)
        case ("environments", _, "rules", *_) if file == after.service.document.file:
            return replace(after, rules=before.rules)
        case (str(key), *_) if file == after.service.document.file and key != "environments":
            spec = _copied(after.service.spec, before.service.spec, key)
            return replace(after, service=replace(after.service, spec=spec))
        case ("versions", *_):
            return replace(after, version=before.version)
        case _:
            return None


def _copied(model: Any, other: Any, key: str) -> Any:
    """Return a model with the value that another one has for a key."""
    return replace(model, **{key: getattr(other, key, None)})


def _at(tree: Any, path: SlotPath) -> Any:
    for step in path:
        try:
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return tree
