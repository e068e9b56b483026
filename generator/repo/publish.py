"""Make the spec of a service for a registered version: the spec that is copied, the name, and conflicts with files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from generator.core.errors import UsageError
from generator.edit.publish import Publication, is_same_service, newest, require_service_name, server, spec, spec_like
from generator.edit.release import stamp, winning_stamp
from generator.fleet.lookup import find_environment, find_service
from generator.fleet.model_registry import deployed_in
from generator.fleet.promotion import lacks_test, trial_environments
from generator.repo.ids import next_free_id

if TYPE_CHECKING:
    from generator.fleet.model import Fleet, ModelEntry, ServiceEntry
    from generator.repo.repository import Repository


class PublishOptions(Struct, frozen=True):
    """The options of a caller besides model and version. None and empty values are derived from the registry."""

    app: str | None = None
    type: str | None = None
    image: str | None = None
    like: str | None = None
    fresh: bool = False
    environments: tuple[str, ...] = ()
    external: bool | None = None


class PublishedSpec(Struct, frozen=True):
    """The spec of a new service, the service that it is copied from, and the keys of that spec that were not copied."""

    publication: Publication
    source: ServiceEntry | None
    text: bytes
    left_out: list[str]


def publish(repository: Repository, entry: ModelEntry, version: str, options: PublishOptions) -> PublishedSpec | str:
    """Return the spec of a service for this version, or the spec file of an existing service that already matches.

    Raises UsageError if another spec already uses the name, if an environment requires a test first, or if the options
    name something that does not exist.
    """
    source = None if options.fresh else _source(repository, entry, version, options)
    made = _publication(repository, entry, version, options, source)
    present = _present(repository.fleet, made)
    if present is not None and is_same_service(present, made):
        return present.document.file
    if present is not None or made.name in repository.fleet.unread:
        raise _in_the_way(present, made)
    _require_test(repository, made)
    text, _ = _text(repository, made, source)
    made = _with_winning_stamps(repository, made, text)
    return PublishedSpec(made, source, *_text(repository, made, source))


def _text(repository: Repository, made: Publication, source: ServiceEntry | None) -> tuple[bytes, list[str]]:
    return spec_like(made, source, repository.specs[source.document.file]) if source is not None else (spec(made), [])


def _with_winning_stamps(repository: Repository, made: Publication, text: bytes) -> Publication:
    """Return the publication with release stamps that win its host.

    A rival may have been released in the same second.
    """
    after = repository.with_edits({made.file: text})
    entry = _present(after.fleet, made)
    if entry is None:
        return made
    moments = {name: winning_stamp(after.routing, entry, name, repository.now) for name in made.environments}
    return replace(made, environments={name: stamp(moment) for name, moment in moments.items()})


def _require_test(repository: Repository, made: Publication) -> None:
    platform = repository.fleet.platform
    for environment in made.environments:
        if lacks_test(platform, environment, made.environments):
            test = next(iter(trial_environments(platform)), "an environment of stage test")
            hint = f"use `--environment {test}`, then `servegen deploy {made.name} {environment}`"
            raise UsageError(f"{made.name} has never been in {test}, which {environment} requires", hint=hint)


def _in_the_way(present: ServiceEntry | None, made: Publication) -> UsageError:
    """Return the error about the existing file, with the commands that add what its service lacks."""
    if present is None:
        return UsageError(
            f"{made.file} already exists and cannot be read", hint="`servegen validate` reports its errors"
        )
    file, there = present.document.file, present.spec
    if (there.model, there.version, there.type) != (made.model, made.version, made.type):
        other = f"{file} already exists and serves {there.model} {there.version} with {there.type}"
        return UsageError(other, hint="edit it, or remove it first")
    missing = [name for name in made.environments if name not in deployed_in(present)]
    commands = [f"servegen deploy {made.name} {name}" for name in missing] or [f"servegen expose {made.name}"]
    return UsageError(f"{file} already exists", hint=f"continue with `{'`, `'.join(commands)}`")


def _source(repository: Repository, entry: ModelEntry, version: str, options: PublishOptions) -> ServiceEntry | None:
    """Return the service whose spec is copied: the one that `like` names, else the newest of the model and type."""
    if options.like is not None:
        return find_service(repository.fleet, options.like)
    type_ = options.type or entry.spec.versions[version].api
    return newest(
        service
        for service in repository.fleet.services
        if (service.project, service.spec.model) == (entry.project, entry.name)
        and options.app in (None, service.app)
        and type_ in (None, service.spec.type)
        and service.spec.version != version
    )


def _publication(
    repository: Repository, entry: ModelEntry, version: str, options: PublishOptions, source: ServiceEntry | None
) -> Publication:
    facts = entry.spec.versions[version]
    type_ = options.type or server(facts, repository.fleet.catalog) or (source.spec.type if source else None)
    if type_ is None:
        hint = f"use --type, or set `api` in {entry.document.file}"
        raise UsageError(f"no model server is known for {entry.name} {version}", hint=hint)
    external = options.external
    if external is None:
        external = source is not None and source.spec.id is not None
    environments = [find_environment(repository.fleet, name) for name in options.environments]
    return Publication(
        project=entry.project,
        app=options.app or (source.app if source else entry.name),
        name=require_service_name(entry.name, version),
        model=entry.name,
        version=version,
        type=type_,
        image=options.image,
        description=facts.description,
        id=next_free_id(repository, source.spec.series if source else "inference") if external else None,
        environments=dict.fromkeys(environments, stamp(repository.now)),
    )


def _present(fleet: Fleet, made: Publication) -> ServiceEntry | None:
    """Return the service of that name in the project, in whichever app it is."""
    same = (entry for entry in fleet.services if (entry.project, entry.name) == (made.project, made.name))
    return next(same, None)
