"""F03: objects that two templates render from one spec.

kustomize refuses to build them, or, if they have two versions of one kind, a cluster gets one after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.pipeline.object_identity import document_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.core.template_loader import TemplateLoader
    from generator.render.app_manifests import Manifest

ID: Final = "F03"


def find_duplicates(loader: TemplateLoader, manifests: Iterable[Manifest]) -> Iterator[tuple[Manifest, Manifest]]:
    """Yield each object that an environment gets twice from one spec file, and the other one.

    The other one is that of a shipped template, or else the first.
    """
    found: dict[tuple[str, ...], Manifest] = {}
    for entry in manifests:
        other = found.setdefault(_key(entry), entry)
        if other is not entry and document_of(other).file == document_of(entry).file:
            blamed = loader.is_own(other.template) and not loader.is_own(entry.template)
            yield (other, entry) if blamed else (entry, other)


def _key(entry: Manifest) -> tuple[str, ...]:
    """Return what an API server tells objects apart by, for which the version does not count."""
    metadata, group = entry.tree["metadata"], entry.tree["apiVersion"].rpartition("/")[0]
    return entry.environment, group, entry.tree["kind"], metadata.get("namespace", ""), metadata["name"]
