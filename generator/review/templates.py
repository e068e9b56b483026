"""The repository's own templates and data files that differ between two revisions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from generator.core.regex import regex
from generator.render.objects import BASE, OVERLAY
from generator.review.pods import MINIMUMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.core.template_loader import TemplateLoader
    from generator.fleet.model import ServiceInstance
    from generator.review.side import Side
    from generator.review.sides import Sides

    Key = tuple[str, str, str]

# Folders of templates/ from which nothing is rendered.
_OTHER: Final = ("schemas/", "init/")
# Folders with the templates of objects that belong to no service.
SHARED: Final = ("platform/", "delivery/")
# Folders of files that specs name, and that give settings.
_NAMED: Final = ("servers/", "sidecars/")
# Folders in which each file gives one object of a service, an app or a route.
_SINGLE: Final = ("service/", "app/", "route/")
_KIND: Final = regex(r"^kind:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
# Folders with the templates of objects. All others can give settings, or are named in specs.
_OBJECTS: Final = (*_SINGLE, *SHARED)


def changed_templates(before: TemplateLoader, after: TemplateLoader) -> list[str]:
    """Return the names of the files from which objects are rendered and whose content differs, sorted."""
    own = {name for loader in (before, after) for name in loader.own_files("") if not name.startswith(_OTHER)}
    return sorted(name for name in own if _content(before, name) != _content(after, name))


def give_same_catalog(changed: Iterable[str]) -> bool:
    """Return whether two revisions resolve specs in the same way if these files of templates/ differ."""
    return all(name.startswith(_OBJECTS) for name in changed)


def decide_objects(name: str) -> bool:
    """Return whether a file of templates/ may shape objects of any service, and not only by their settings."""
    return not name.startswith((*SHARED, *_NAMED, *_OTHER))


def templates_of_objects(before: Side, after: Side, changed: Iterable[str]) -> frozenset[str] | None:
    """Return the templates whose objects must be compared where only these files differ; None: all.

    Those of autoscalers are among them: they say how many pods restart.
    """
    names = frozenset(name for name in changed if not name.startswith(SHARED))
    if not all(name.startswith(_SINGLE) for name in names):
        return None
    return names.union(scaling_templates(before), scaling_templates(after))


def scaling_templates(side: Side) -> frozenset[str]:
    """Return the templates of services that can give an autoscaler."""
    names = {name for folder in (BASE, OVERLAY) for name in side.renderer.templates(folder)}
    return frozenset(name for name in names if _may_scale(side.renderer.loader.text(name)))


def _may_scale(source: str) -> bool:
    """Return whether a template can give an autoscaler: its kind is the text of one, or no text."""
    kinds = _KIND.findall(source)
    return not kinds or any(not kind.isalpha() or kind in MINIMUMS for kind in kinds)


def template_causes(sides: Sides) -> Iterator[tuple[Key, str, str]]:
    """Yield the services that use a changed file of templates/: service, kind and path of it; all where unsure."""
    fleets = sides.before.fleet, sides.after.fleet
    for name in sides.templates:
        if not name.startswith((*SHARED, *_OTHER)):
            used = (
                _uses(name, instance)
                for fleet in fleets
                for instance in (*fleet.bases.values(), *fleet.all_instances())
            )
            yield from ((key, "template", f"templates/{name}") for key in dict.fromkeys(used) if key is not None)


def _uses(name: str, instance: ServiceInstance) -> Key | None:
    """Return the service of an instance if it may use a file of templates/."""
    folder, _, rest = name.partition("/")
    match folder:
        case "servers":
            used = rest.partition("/")[0] in (instance.service.spec.type, instance.server.preset)
        case "sidecars":
            used = rest == f"{instance.settings.sidecar}.yaml"
        case _:
            used = True
    return instance.service.key if used else None


def _content(loader: TemplateLoader, name: str) -> bytes | None:
    return loader.content(name) if loader.has(name) else None
