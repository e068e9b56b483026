"""The part of `servegen explain` that explains values of rendered objects."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

from generator.cli.terminal import echo, echo_utf8
from generator.core.errors import RefusedError, UsageError
from generator.core.finding import has_errors
from generator.core.regex import regex
from generator.pipeline.fleet_only import FleetResolver
from generator.render.objects import ObjectRenderer
from generator.repo.cache.memory import spec_reader
from generator.repo.repository import Repository
from generator.report.conceal import Concealer
from generator.report.origin_view import ExplainedValue, OriginView
from generator.review.origins.app_files import app_of_object, source_files
from generator.review.origins.documents import app_of
from generator.review.origins.find import OriginFinder
from generator.review.origins.kustomize_files import of_kustomize_file
from generator.review.origins.lookup import find_documents, find_line, find_values, name_of
from generator.review.side import Side

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.review.origins.documents import RenderedDocument
    from generator.review.origins.lookup import RenderedValue
    from generator.review.origins.origin import ValueOrigin

FORMATS: Final = {name: f"generator.report.origin_{name}" for name in ("text", "json")}
# Of more values it takes too long to render each again with other lines.
_TRIED: Final = 40
_LINE: Final = regex(r"(rendered/.+):([0-9]+)(?::[0-9]+)?\Z")


class OpenSide(NamedTuple):
    """The fleet of a repository as its work tree is, its specs, and what resolved them."""

    side: Side
    specs: Mapping[str, bytes]
    resolver: FleetResolver


def explain_values(folder: Path, target: str, kind: str, field: str, output: str) -> None:
    """Print where the values of an object come from. Raises RefusedError if the specs have errors."""
    opened = open_side(folder)
    side, specs = opened.side, opened.specs
    values = _values(side, target, kind, field)
    finder = OriginFinder(side, specs, tries=len(values) <= _TRIED)
    explained = tuple(ExplainedValue(one, _origin(finder, one)) for one in values)
    apps = dict.fromkeys(_app(one.document) for one in values)
    files = dict.fromkeys(file for app in apps for file in source_files(side, app))
    view = OriginView(explained, Concealer((specs,)), tuple(files))
    text: str = import_module(FORMATS[output]).report(view)
    (echo_utf8 if output == "json" else _print)(text)


def list_objects(folder: Path, target: str) -> None:
    """Print the objects of a target, each as it can be explained."""
    for one in find_documents(open_side(folder).side, target):
        echo(f"{target} {name_of(one)}")


def open_side(folder: Path) -> OpenSide:
    """Return the fleet of the repository that holds `folder`. Raises RefusedError if its specs have errors."""
    repository = Repository.open(folder)
    unread = [finding.position.file for finding in repository.unread]
    resolver = FleetResolver(repository.templates, spec_reader())
    found = resolver.resolve(repository.specs, unread)
    findings = [*found.findings, *repository.unread]
    if has_errors(findings):
        hint = "`servegen validate` reports all of them"
        raise RefusedError(findings, repository.specs, "the specs have errors", hint=hint)
    side = Side(found.fleet, found.routing, ObjectRenderer(repository.templates))
    return OpenSide(side, repository.specs, resolver)


def _values(side: Side, target: str, kind: str, field: str) -> list[RenderedValue]:
    if line := _LINE.match(target):
        if kind:
            raise UsageError(f"{target} is a line", hint="leave out what follows, or the number")
        return find_line(side, line[1], int(line[2]))
    return find_values(find_documents(side, target, kind), field)


def _origin(finder: OriginFinder, one: RenderedValue) -> ValueOrigin:
    manifest = one.document.manifest
    if manifest is None:
        return of_kustomize_file(finder.side.fleet, one.document, one.path)
    return finder.of(manifest, one.path)


def _app(document: RenderedDocument) -> tuple[str, str] | None:
    return app_of_object(document.manifest) if document.manifest is not None else app_of(document.file)


def _print(text: str) -> None:
    echo(text, nl=False)
