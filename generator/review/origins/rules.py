"""What servegen does to an object beside its template, in words: namespaces, sync waves, names of config files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.fleet.model import ClusterEntry, ServiceInstance
from generator.fleet.routes import RouteGroup
from generator.render.sync_waves import ANNOTATION
from generator.review.origins.origin import SpecLine, ValueOrigin

if TYPE_CHECKING:
    from generator.core.yaml import Document, Path
    from generator.fleet.model import Fleet
    from generator.render.app_manifests import Manifest
    from generator.render.engine.shapes import SlotPath

REFERENCES: Final = frozenset({"configMap", "configMapRef", "configMapKeyRef"})
CONFIG_FILE: Final = "a file of `config`: kustomize makes a ConfigMap of the files in the folder config/"
CONFIG_NAME: Final = "kustomize ends the name of a ConfigMap that it makes of files with a hash of their content"
CONFIG_MAP: Final = "kustomize makes this ConfigMap of the files of `config`"
CONFIG_REFERENCE: Final = f"{CONFIG_NAME}, and rewrites what refers to it"
_NAMESPACE: Final = (
    "the namespace of the project in the environment: `namespace` of the project there, or else of the environment"
)
ELSEWHERE: Final = "the namespace in which the cluster or the delivery tool keeps this kind of object"
ADDED: Final = "servegen adds it to the object of the template"
_WAVE: Final = "Argo CD applies the kinds of an app in waves: what pods need, pods, routes, autoscalers"


def of_addition(path: SlotPath) -> ValueOrigin:
    """Return the origin of what servegen adds to the object of a template."""
    return ValueOrigin(rule=_WAVE if path[-1] == ANNOTATION else ADDED)


def is_in_project(entry: Manifest) -> bool:
    """Return whether an object is in the namespace of a project."""
    return not isinstance(entry.origin, ClusterEntry) and not entry.template.startswith("delivery/")


def of_namespace(fleet: Fleet, entry: Manifest) -> ValueOrigin:
    """Return the origin of an object's namespace."""
    origin = entry.origin
    assert not isinstance(origin, ClusterEntry)  # its namespace is no project's
    instance = origin.owner if isinstance(origin, RouteGroup) else origin
    project = instance.service.project if isinstance(instance, ServiceInstance) else instance.project
    return of_project_namespace(fleet, project, entry.environment)


def of_project_namespace(fleet: Fleet, project: str, environment: str) -> ValueOrigin:
    """Return the origin of the namespace of a project in an environment."""
    path: Path = ("environments", environment, "namespace")
    documents = (fleet.project_documents.get(project), fleet.document)
    written = [_line(one, path) for one in documents if one is not None and _has(one, path)]
    default = SpecLine(fleet.document.position(path), ".".join(map(str, path)), "{project}-{environment}", "default")
    return ValueOrigin(rule=_NAMESPACE, lines=tuple(written[:1]) or (default,))


def _has(document: Document, path: Path) -> bool:
    value = document.data
    for step in path:
        value = value.get(str(step)) if isinstance(value, dict) else None
    return isinstance(value, str)


def _line(document: Document, path: Path) -> SpecLine:
    value = document.data
    for step in path:
        value = value.get(str(step)) if isinstance(value, dict) else None
    return SpecLine(document.position(path), ".".join(map(str, path)), value if isinstance(value, str) else "")
