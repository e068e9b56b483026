"""A07: pods may use Secrets, ConfigMaps and claims that their project is granted.

In a namespace that only one project uses, all names are granted; in a shared one those that start with the project's
name and a dash. The latter holds for Secrets in any namespace if `external_secrets` reads them from a store of the
cluster by a key without {project}: their names alone decide what is read. A service's own ConfigMaps, and what the
platform file names, are always granted.

Passes, in a namespace that vision and speech share:

    env: {HUB_TOKEN: {secret: vision-hub/token}}

Fails, in the same namespace, for a service of vision:

    env: {HUB_TOKEN: {secret: speech-hub/token}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.grants.need import Need
from generator.checks.grants.project_object import WORKLOADS
from generator.core.loose_values import to_list, to_map
from generator.fleet.grants import is_platforms, platform_settings
from generator.spec.values.env import KeyReference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.grants.project_object import ProjectObject
    from generator.render.engine.shapes import SlotPath

ID: Final = "A07"
KINDS: Final = WORKLOADS | {"ServiceAccount"}
_WORDS: Final = {"secrets": "Secret", "config_maps": "ConfigMap", "claims": "claim"}
_VOLUMES: Final = {"secrets": ("secret",), "config_maps": ("configmap",), "claims": ("pvc", "pvc-share", "storage")}
# Kubernetes API reference, Volume: the sources that name a Secret for their driver.
_DRIVER_SECRETS: Final = (
    ("csi", "nodePublishSecretRef"),
    ("cephfs", "secretRef"),
    ("flexVolume", "secretRef"),
    ("iscsi", "secretRef"),
    ("rbd", "secretRef"),
    ("scaleIO", "secretRef"),
    ("storageos", "secretRef"),
)
# The keys of a volume that most volumes have, and that name no driver.
_COMMON: Final = frozenset({"name", "configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret"})
_KEY_REFERENCES: Final = (("secretKeyRef", "secrets"), ("configMapKeyRef", "config_maps"))

Reference = tuple[str, str, "SlotPath"]


def needs(subject: ProjectObject) -> Iterator[Need]:
    """Yield the names that are not granted."""
    rights = subject.rights
    is_narrow = rights.shared or rights.reads_any_entry
    if not is_narrow and all(getattr(rights.grant, key) is None for key in _WORDS):
        return
    for key, name, path in _references(subject):
        if not rights.allows(key, name, rights.names(key)) and not _is_given(subject, key, name):
            hint = f"use a name that starts with {rights.project}-" if getattr(rights.grant, key) is None else ""
            yield Need(key, name, f"the {_WORDS[key]} {name}", hint, path)


def _references(subject: ProjectObject) -> Iterator[Reference]:
    if subject.tree["kind"] == "ServiceAccount":
        yield from _names(subject.tree, (), "imagePullSecrets")
        yield from _names(subject.tree, (), "secrets")
        return
    yield from _names(subject.pod, subject.pod_path, "imagePullSecrets")
    for path, container in subject.containers():
        yield from _variables(path, container)
    for index, volume in enumerate(to_list(subject.pod.get("volumes"))):
        yield from _volume((*subject.pod_path, "volumes", index), to_map(volume))


def _names(holder: Mapping[str, Any], path: SlotPath, key: str) -> Iterator[Reference]:
    for index, item in enumerate(to_list(holder.get(key))):
        yield "secrets", str(to_map(item).get("name")), (*path, key, index)


def _variables(path: SlotPath, container: Mapping[str, Any]) -> Iterator[Reference]:
    for index, item in enumerate(to_list(container.get("env"))):
        value = to_map(item.get("valueFrom")) if isinstance(item, dict) else {}
        for field, key in _KEY_REFERENCES if value else ():
            if name := to_map(value.get(field)).get("name"):
                yield key, str(name), (*path, "env", index, "name")
    for index, item in enumerate(to_list(container.get("envFrom"))):
        for field, key in (("secretRef", "secrets"), ("configMapRef", "config_maps")):
            if name := to_map(to_map(item).get(field)).get("name"):
                yield key, str(name), (*path, "envFrom", index)


def _volume(path: SlotPath, volume: Mapping[str, Any]) -> Iterator[Reference]:
    projected = to_list(to_map(volume.get("projected")).get("sources"))
    for source in (volume, *map(to_map, projected)):
        secret = to_map(source.get("secret"))
        if name := secret.get("secretName") or secret.get("name"):
            yield "secrets", str(name), path
        if name := to_map(source.get("configMap")).get("name"):
            yield "config_maps", str(name), path
    if name := to_map(volume.get("persistentVolumeClaim")).get("claimName"):
        yield "claims", str(name), path
    for driver, field in _DRIVER_SECRETS if volume.keys() - _COMMON else ():
        if name := to_map(to_map(volume.get(driver)).get(field)).get("name"):
            yield "secrets", str(name), path


def _is_given(subject: ProjectObject, key: str, name: str) -> bool:
    """Whether the name is the service's own, or the platform file's."""
    if key == "config_maps" and name.startswith(f"{subject.instance.service.name}-config"):
        return True
    return name in {*_of_sources(subject, key), *_of_defaults(subject, key)}


def _of_sources(subject: ProjectObject, key: str) -> Iterator[str]:
    for source in subject.book.fleet.platform.sources.values():
        if key == "secrets" and source.secret is not None:
            yield source.secret
        yield from _variable_names(source.env or {}, key)


def _of_defaults(subject: ProjectObject, key: str) -> Iterator[str]:
    instance = subject.instance
    own = instance.settings.env or {}
    yield from _variable_names({name: own[name] for name in own if is_platforms(instance, "env", name)}, key)
    given = platform_settings(instance, "volumes", "pull_secrets")
    yield from (volume.source for volume in given.volumes or () if volume.kind in _VOLUMES[key])
    if key == "secrets":
        yield from given.pull_secrets or ()


def _variable_names(variables: Mapping[str, object], key: str) -> Iterator[str]:
    kind = {"secrets": "secret", "config_maps": "configmap"}.get(key)
    for value in variables.values():
        if isinstance(value, KeyReference) and value.kind == kind:
            yield value.name
