"""The repository's own templates and data files that differ between two revisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.core.template_loader import TemplateLoader

# Folders of templates/ from which nothing is rendered.
_OTHER: Final = ("schemas/", "init/")
# Folders with the templates of objects. All others can give settings, or are named in specs.
_OBJECTS: Final = ("service/", "app/", "route/", "platform/", "delivery/")


def changed_templates(before: TemplateLoader, after: TemplateLoader) -> list[str]:
    """Return the names of the files from which objects are rendered and whose content differs, sorted."""
    own = {name for loader in (before, after) for name in loader.own_files("") if not name.startswith(_OTHER)}
    return sorted(name for name in own if _content(before, name) != _content(after, name))


def give_same_catalog(changed: Iterable[str]) -> bool:
    """Return whether two revisions resolve specs in the same way if these files of templates/ differ."""
    return all(name.startswith(_OBJECTS) for name in changed)


def _content(loader: TemplateLoader, name: str) -> bytes | None:
    return loader.content(name) if loader.has(name) else None
