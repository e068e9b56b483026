"""What others must know about each spec file of a fleet, so that a later comparison need not read it."""

from __future__ import annotations

import hashlib
from functools import cache, partial
from typing import TYPE_CHECKING

from generator.fleet.external_secrets import external_secrets, uses_of
from generator.fleet.routing import host
from generator.pipeline.file_facts import FileFacts
from generator.spec.files import ROOT, is_spec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.fleet.external_secrets import KeyUse
    from generator.fleet.model import Fleet, ServiceEntry, ServiceInstance


def fleet_facts(fleet: Fleet, specs: Mapping[str, bytes]) -> dict[tuple[str, bytes], FileFacts]:
    """Return the facts of the spec files of a fleet without errors, by path and content."""
    out = {(file, raw): FileFacts() for file, raw in specs.items() if is_spec(file)}
    digests = cache(partial(content_digest, specs))
    for service in fleet.services:
        file, model = service.document.file, model_file(service.project, service.spec.model)
        instances = [entries[service.key] for entries in fleet.instances.values() if service.key in entries]
        links = dict.fromkeys(_links(service, instances))
        parts = dict.fromkeys(_parts(fleet, service, instances))
        out[file, specs[file]] = FileFacts(model, digests(project_file(file), model), tuple(links), tuple(parts))
    return out


def model_file(project: str, model: str) -> str:
    """Return the path of the file of a model, whether or not it is there."""
    return f"{ROOT}/{project}/models/{model}.yaml"


def project_file(service: str) -> str:
    """Return the path of the file of the project of a service's file, whether or not it is there."""
    return f"{ROOT}/{service.split('/')[1]}/project.yaml"


def content_digest(specs: Mapping[str, bytes], project: str, model: str) -> str:
    """Return a digest of what the files of a project and a model contain, whether or not they are there."""
    digest = hashlib.sha256()
    for file in (project, model):
        raw = specs.get(file)
        digest.update(repr((file, len(raw) if raw is not None else None)).encode())
        digest.update(raw or b"")
    return digest.hexdigest()


def _links(service: ServiceEntry, instances: Iterable[ServiceInstance]) -> Iterator[str]:
    """Yield what the routes and objects of a service depend on: its app, its hosts, and the names of services.

    Services of one name are rivals for it in one namespace; here they are so wherever they are.
    """
    yield f"app {service.project}/{service.app}"
    yield f"name {service.name}"
    for instance in instances:
        settings = instance.settings
        yield f"host {instance.environment.name} {host(instance)}"
        yield from (f"name {share.service}" for share in (*(settings.split or ()), *(settings.mirror or ())))
        yield from (f"name {rule.service}" for rule in settings.headers or ())


def _parts(fleet: Fleet, service: ServiceEntry, instances: Iterable[ServiceInstance]) -> Iterator[str]:
    """Yield what namespaces, delivery tools, dashboards and stores of Secrets have because of a service."""
    yield from (f"overlay {name} {service.project}" for name in service.spec.environments)
    for instance in instances:
        environment = instance.environment.name
        yield f"type {environment} {service.spec.type}"
        if instance.settings.group_size > 1:
            yield f"groups {environment}"
        if instance.settings.split:
            names = [share.service for share in instance.settings.split]
            yield f"split {environment} {instance.namespace} {service.key} {names}"
        if external_secrets(fleet.platform, environment) is not None:
            yield from (_secret(instance, use) for use in uses_of(instance))


def _secret(instance: ServiceInstance, use: KeyUse) -> str:
    where = instance.environment.name, instance.namespace, instance.service.project
    return f"secret {where} {use.name} {use.key} {use.is_registry}"
