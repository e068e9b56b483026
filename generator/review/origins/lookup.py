"""Find the objects and fields that a user names: `prod/resnet50-1 Deployment spec.replicas`. Raises UsageError."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.errors import UsageError
from generator.core.yaml.text_places import place_at
from generator.fleet.lookup import find_environment, find_service
from generator.fleet.model import ClusterEntry, ServiceEntry, ServiceInstance
from generator.fleet.routes import RouteGroup
from generator.render.files import ROOT
from generator.review.origins.documents import RenderedDocument, app_of, documents_of, render_part
from generator.review.origins.field_paths import find_field, format_path, known_fields, leaves, value_at
from generator.spec.values.text import closest, list_few, list_known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.fleet.model import Fleet
    from generator.render.app_manifests import Manifest
    from generator.render.engine.shapes import SlotPath
    from generator.review.side import Side

BASE: Final = "base"


class RenderedValue(Struct, frozen=True):
    """One value of a document: the path to a scalar or to an empty collection."""

    document: RenderedDocument
    path: SlotPath


def find_documents(side: Side, target: str, kind: str = "") -> list[RenderedDocument]:
    """Return the documents of a target: `ENV/SERVICE`, `base/SERVICE`, `ENV`, or a file below rendered/.

    `kind` selects those of a kind, or with `KIND/NAME` one object.
    """
    found = list(_of_file(side, target) if target.startswith(f"{ROOT}/") else _of_objects(side, target))
    if not kind:
        return found
    chosen = [one for one in found if _is_named(one, kind)]
    if not chosen and "/" in target and not target.startswith(f"{ROOT}/"):  # what delivers the app
        chosen = [one for one in _delivery(side, target) if _is_named(one, kind)]
    if not chosen:
        known = dict.fromkeys(str(one.tree["kind"]) for one in found)
        hint = closest(kind.partition("/")[0], known) or list_known("kinds", known)
        raise UsageError(f"{target} has no object {kind}", hint=hint)
    return chosen


def find_values(documents: Iterable[RenderedDocument], field: str) -> list[RenderedValue]:
    """Return the values at and below a field; without a field, all. Several documents must not have it."""
    found = list(documents)
    if len(found) > 1 and field:
        names = [name_of(one) for one in found]
        raise UsageError(f"{len(names)} objects are meant: {list_few(names)}", hint="write one as KIND/NAME")
    return [value for one in found for value in _below(one, _path(one, field))]


def find_line(side: Side, file: str, line: int) -> list[RenderedValue]:
    """Return the values that are written in a line of a rendered file; of a patch, those of the object."""
    rendered = render_part(side, app_of(file))
    documents = list(documents_of(rendered, file)) if file in rendered.files else []
    if not documents:
        raise UsageError(f"servegen renders no file {file} with objects", hint=_nearest(rendered.files, file))
    place = place_at(rendered.files[file], line)
    if place is None:
        raise UsageError(f"{file}:{line} has no value", hint="choose the line of a key with its value")
    number, path, patch = place
    document = documents[number]
    if patch is None:
        return _below(document, path)
    alike = [
        RenderedDocument(file, one.tree, one)
        for one in rendered.manifests
        if one.environment == document.environment and _is_patched(one, patch.tree)
    ]
    field = format_path(patch.tree, patch.path)
    objects = [(one, at) for one in alike if (at := find_field(one.tree, field)) is not None]
    return [value for one, at in objects for value in _below(one, at)] or _below(document, path)


def name_of(document: RenderedDocument) -> str:
    """Return how a user names an object; of a file of kustomize its kind."""
    metadata = document.tree.get("metadata") or {}
    kind = document.tree.get("kind", "")
    return f"{kind}/{metadata['name']}" if "name" in metadata else str(kind)


def _of_file(side: Side, file: str) -> Iterator[RenderedDocument]:
    rendered = render_part(side, app_of(file))
    if file not in rendered.files:
        raise UsageError(f"servegen renders no file {file}", hint=_nearest(rendered.files, file))
    found = list(documents_of(rendered, file))
    if not found:
        raise UsageError(f"{file} is a config file and no object", hint=_config_hint(side, file))
    yield from found


def _config_hint(side: Side, file: str) -> str:
    """Return the command that explains a config file: `…/base/SERVICE/config/FILE`, or `…/config/SERVICE/FILE`."""
    parts = file.split("/")
    service = parts[4] if parts[3] == BASE else parts[-2]
    key = parts[1], parts[2], service
    of_base = (name for name, entries in side.fleet.instances.items() if key in entries)
    environment = next(of_base, "") if parts[3] == BASE else parts[4]
    return f"`servegen explain {environment}/{service} ConfigMap/{service}-config data.{parts[-1]}`"


def _nearest(files: Iterable[str], file: str) -> str:
    return closest(file, files) or "`servegen render` writes all files"


def _of_objects(side: Side, target: str) -> Iterator[RenderedDocument]:
    environment, _, name = target.partition("/")
    if not name:
        find_environment(side.fleet, environment)
        yield from _of_cluster(side, environment)
        return
    is_base = environment == BASE and BASE not in side.fleet.environments
    if not is_base:
        find_environment(side.fleet, environment)
    service = find_service(side.fleet, name)
    rendered = render_part(side, (service.project, service.app))
    manifests = rendered.bases if is_base else rendered.manifests
    own = [one for one in manifests if is_base or one.environment == environment]
    found = [one for one in own if _service(one) == service.key]
    if not found:
        _refuse_absent(side.fleet, service, environment)
    shared = (one for one in own if isinstance(one.origin, ServiceEntry))
    yield from (RenderedDocument("", one.tree, one) for one in (*found, *shared))


def _of_cluster(side: Side, environment: str) -> Iterator[RenderedDocument]:
    contexts = side.fleet.contexts
    for one in side.shared_manifests():
        is_here = contexts[one.environment].cluster == contexts[environment].cluster
        if one.environment == environment or (is_here and isinstance(one.origin, ClusterEntry)):
            yield RenderedDocument("", one.tree, one)


def _delivery(side: Side, target: str) -> Iterator[RenderedDocument]:
    environment, _, name = target.partition("/")
    service = find_service(side.fleet, name)
    for one in side.shared_manifests():
        origin = one.origin
        is_app = isinstance(origin, ServiceEntry) and (origin.project, origin.app) == (service.project, service.app)
        if one.environment == environment and is_app:
            yield RenderedDocument("", one.tree, one)


def _refuse_absent(fleet: Fleet, service: ServiceEntry, environment: str) -> None:
    """Raise UsageError: the service has no objects in the environment."""
    where = [name for name, entries in fleet.instances.items() if service.key in entries]
    if environment in where:
        hint = "`servegen list services` prints the state of each service"
        raise UsageError(f"{service.name} has no objects in {environment}: another service has its host", hint=hint)
    hint = f"it is deployed in {', '.join(where)}" if where else "it is deployed in no environment"
    raise UsageError(f"{service.name} is not deployed in {environment}", hint=hint)


def _service(entry: Manifest) -> tuple[str, str, str] | None:
    if isinstance(entry.origin, RouteGroup):
        return entry.origin.owner.service.key
    return entry.origin.service.key if isinstance(entry.origin, ServiceInstance) else None


def _is_named(document: RenderedDocument, written: str) -> bool:
    kind, _, name = written.partition("/")
    own = name_of(document).partition("/")[2]
    return str(document.tree.get("kind")).lower() == kind.lower() and name in ("", own, own.rpartition("-")[0])


def _path(document: RenderedDocument, field: str) -> SlotPath:
    path = find_field(document.tree, field)
    if path is None:
        known = known_fields(document.tree)
        above = max((one for one in known if field.startswith(one)), key=len, default="")
        inside = [one for one in known if one.startswith(above) and one != above]
        hint = closest(field, known) or f"{above or 'it'} has {list_few(inside)}"
        raise UsageError(f"{name_of(document)} has no field {field}", hint=hint)
    return path


def _below(document: RenderedDocument, path: SlotPath) -> list[RenderedValue]:
    return [RenderedValue(document, (*path, *below)) for below, _ in leaves(value_at(document.tree, path))]


def _is_patched(entry: Manifest, patch: dict[str, object]) -> bool:
    metadata = patch.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return (entry.tree["kind"], entry.tree["metadata"]["name"]) == (patch.get("kind"), name)
