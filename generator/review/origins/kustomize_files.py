"""What servegen writes into the files of kustomize itself, in words, with the lines of specs behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Position
from generator.review.origins.field_paths import leaves, value_at
from generator.review.origins.origin import SpecLine, ValueOrigin
from generator.review.origins.rules import of_project_namespace
from generator.review.origins.setting_lines import setting_lines

if TYPE_CHECKING:
    from generator.fleet.model import Fleet, ServiceEntry, ServiceInstance
    from generator.render.engine.shapes import SlotPath
    from generator.review.origins.documents import RenderedDocument

# By the first key of the path.
_RULES: Final = {
    "apiVersion": "every file of kustomize has it",
    "kind": "every file of kustomize has it",
    "resources": "what belongs to the folder: bases of the services that run, and the files of objects beside it",
    "patches": "the difference between the object in the base and the object in this environment, whose fields "
    "`servegen explain` explains one by one",
    "configMapGenerator": "kustomize makes a ConfigMap of the files of `config` in the folder",
    "configurations": "kustomize has to be told where LeaderWorkerSets refer to ConfigMaps",
    "nameReference": "kustomize has to be told where LeaderWorkerSets refer to ConfigMaps",
}
_CONSTANT: Final = frozenset({"apiVersion", "kind", "configurations", "nameReference"})


def of_kustomize_file(fleet: Fleet, document: RenderedDocument, path: SlotPath) -> ValueOrigin:
    """Return the origin of a value of a file of kustomize."""
    key = str(path[0])
    rule = _RULES.get(key, "servegen writes it")
    parts = document.file.split("/")
    if key in _CONSTANT:
        return ValueOrigin(rule=rule)
    if key == "namespace":
        return of_project_namespace(fleet, parts[1], document.environment)
    if len(parts) < 4 or parts[1] == "platform":
        return ValueOrigin(rule=rule, lines=(_file(fleet.document.file),))
    services = [one for one in fleet.services if (one.project, one.app) == (parts[1], parts[2])]
    text = _text_around(document, path)
    named = [one for one in services if _names(one, parts, text)]
    if key == "configMapGenerator":
        found = (_instance(fleet, one, document) for one in named)
        settings = [setting_lines(one, ("config",)) for one in found if one is not None]
        return ValueOrigin(rule=rule, settings=tuple(one for one in settings if one.lines))
    return ValueOrigin(rule=rule, lines=tuple(_file(one.document.file) for one in named or services))


def _instance(fleet: Fleet, service: ServiceEntry, document: RenderedDocument) -> ServiceInstance | None:
    if not document.environment:
        return fleet.bases.get(service.key)
    return fleet.instances[document.environment].get(service.key)


def _names(service: ServiceEntry, parts: list[str], text: str) -> bool:
    """Return whether a file or a text of it is about a service."""
    words = text.replace('"', " ").replace("/", " ").replace("\n", " ").split()
    return service.name in (parts[4], *words) or f"{service.name}-config" in words


def _text_around(document: RenderedDocument, path: SlotPath) -> str:
    """Return the text of the entry of a list that a path leads to."""
    return " ".join(str(value) for _, value in leaves(value_at(document.tree, path[:2])))


def _file(file: str) -> SpecLine:
    return SpecLine(Position(file), "", "")
