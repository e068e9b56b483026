"""The Secrets that an external store provides: for each namespace, what its services use of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from generator.spec.external_secrets import merge_external_secrets
from generator.spec.values.env import KeyReference
from generator.spec.values.patterns import matches
from generator.spec.values.store_key import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.core.finding import Position
    from generator.core.yaml import Path
    from generator.fleet.model import Fleet, ServiceInstance
    from generator.spec.external_secrets import ExternalSecrets
    from generator.spec.platform import Platform

KEY: Final = "external_secrets"


class KeyUse(Struct, frozen=True):
    """One use of a Secret: one of its keys, or all of them if `key` is None."""

    name: str
    key: str | None
    setting: tuple[str, ...]
    is_registry: bool = False


class SecretUse(Struct):
    """What the services of a namespace use of one Secret.

    `is_whole`: all its keys. `is_registry`: its credentials of a registry, with which images are pulled. `projects`
    maps each project that uses it to the first place that does.
    """

    name: str
    keys: set[str] = field(default_factory=set)
    is_whole: bool = False
    is_registry: bool = False
    projects: dict[str, Position] = field(default_factory=dict)


def external_secrets(platform: Platform, environment: str) -> ExternalSecrets | None:
    """Return where the Secrets of an environment come from, None if servegen writes no ExternalSecrets there."""
    found = merge_external_secrets(layer for _, layer in layers_of(platform, environment))
    return found if found is not None and found.store is not None else None


def layers_of(platform: Platform, environment: str) -> list[tuple[Path, ExternalSecrets]]:
    """Return what the platform, the cluster and the environment write, the last one in force, each with its path."""
    own = platform.environments[environment]
    cluster = platform.clusters.get(own.cluster)
    layers: list[tuple[Path, ExternalSecrets | None]] = [
        ((KEY,), platform.external_secrets),
        (("clusters", own.cluster, KEY), cluster.external_secrets if cluster is not None else None),
        (("environments", environment, KEY), own.external_secrets),
    ]
    return [(path, layer) for path, layer in layers if layer is not None]


def reads_any_entry(platform: Platform, environment: str) -> bool:
    """Return whether the name of a Secret alone decides which entry of a cluster's store a project gets."""
    given = external_secrets(platform, environment)
    return given is not None and given.kind == "ClusterSecretStore" and PROJECT not in given.key


def has_external_secrets(platform: Platform, environments: Iterable[str]) -> bool:
    """Return whether servegen writes ExternalSecrets in one of the environments."""
    return any(external_secrets(platform, name) is not None for name in environments)


def secret_uses(fleet: Fleet, environment: str) -> dict[str, list[SecretUse]]:
    """Return the Secrets that the store must provide for the services of an environment, by namespace and name.

    Services that another one has superseded count too: a roll-back must find its Secrets.
    """
    given = external_secrets(fleet.platform, environment)
    found: dict[str, dict[str, SecretUse]] = {}
    for instance in fleet.instances[environment].values() if given is not None else ():
        own = found.setdefault(instance.namespace, {})
        for use in uses_of(instance):
            _add(own.setdefault(use.name, SecretUse(use.name)), use, instance)
    skip = given.skip if given is not None else ()
    return {
        namespace: [own[name] for name in sorted(own) if not any(matches(one, name) for one in skip)]
        for namespace, own in found.items()
    }


def _add(secret: SecretUse, use: KeyUse, instance: ServiceInstance) -> None:
    secret.is_whole = secret.is_whole or (use.key is None and not use.is_registry)
    secret.is_registry = secret.is_registry or use.is_registry
    if use.key is not None:
        secret.keys.add(use.key)
    if instance.service.project not in secret.projects:
        secret.projects[instance.service.project] = instance.position(*use.setting)


def uses_of(instance: ServiceInstance) -> Iterator[KeyUse]:
    """Yield each use of a Secret by a service, whoever provides the Secret."""
    settings = instance.settings
    for name, value in (settings.env or {}).items():
        if isinstance(value, KeyReference) and value.kind == "secret":
            yield KeyUse(value.name, value.key, ("env", name))
    for volume in settings.volumes or ():
        if volume.kind == "secret":
            yield KeyUse(volume.source, None, ("volumes",))
    for name in settings.pull_secrets or ():
        yield KeyUse(name, None, ("pull_secrets",), is_registry=True)
    for container in instance.launch.files.init_containers if instance.launch is not None else ():
        yield from _of_container(container)


def _of_container(container: dict[str, Any]) -> Iterator[KeyUse]:
    """Yield the Secrets with the credentials for fetching a model."""
    for variable in container.get("env", ()):
        if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
            yield KeyUse(reference["name"], reference["key"], ("type",))
    for source in container.get("envFrom", ()):
        if "secretRef" in source:
            yield KeyUse(source["secretRef"]["name"], None, ("type",))
