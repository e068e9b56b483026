"""K04 for extension files: check that every server, sidecar, GPU backend, node profile and stage in a file exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.core.finding import Finding
from generator.core.fix import fix_of
from generator.spec.references import find_references
from generator.spec.values.text import closest, list_known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.core.yaml import Document, Path
    from generator.fleet.load import Specs
    from generator.spec.base import Spec
    from generator.spec.catalog import Catalog
    from generator.spec.keys import Extension


def find_unknown_extensions(specs: Specs, catalog: Catalog) -> list[Finding]:
    """Return a finding for each reference to an extension file that does not exist, at the reference's position."""
    known: dict[Extension, list[str]] = {}
    out = []
    for document, spec in (*_files(specs), *catalog.own_specs()):
        for kind, name, path in find_references(spec):
            if kind not in known:
                known[kind] = catalog.names(kind)
            if name not in known[kind]:
                out.append(report_unknown_name(kind.value, name, known[kind], document, path))
    return out


def report_unknown_name(what: str, found: str, known: Iterable[str], document: Document, path: Path) -> Finding:
    """Return the finding for an unknown name of a `what`; its hint has the closest known name, or all known names."""
    names = sorted(known)
    hint = closest(found, names) or list_known("names", names)
    message = f'found the {what} "{found}", expected one that exists'
    key = path[-1] == found  # such as the name of an environment
    position = document.key_position(path) if key else document.position(path)
    return Finding("K04", message, position, hint, fix=fix_of(found, hint))


def _files(specs: Specs) -> Iterator[tuple[Document, Spec]]:
    if specs.platform is not None:
        yield specs.platform
    yield from specs.projects.values()
    yield from ((entry.document, entry.spec) for entry in specs.models.values())
    yield from ((entry.document, entry.spec) for entry in specs.services)
