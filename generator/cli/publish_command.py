"""`servegen publish`"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from generator.cli import names
from generator.cli.common import command as new_command
from generator.cli.edit import announce, dry_run_option, open_repository, write
from generator.cli.ids import next_free_id
from generator.cli.models import found, version_of
from generator.core.errors import UsageError
from generator.edit.publish import Publication, newest, says, server, spec, spec_like
from generator.edit.release import stamp, winning_stamp
from generator.fleet.model_registry import deployed_in
from generator.fleet.promotion import has_been_in_test, requires_test, trial_environments
from generator.spec.values.mistake import InvalidValueError
from generator.spec.values.names import service_name

if TYPE_CHECKING:
    from generator.cli.main import Invocation
    from generator.fleet.model import Fleet, ModelEntry, ServiceEntry
    from generator.repo.repository import Repository


@new_command("publish")
@click.argument("model")
@click.argument("version")
@click.option("--project", help="The model's project, where several have a model of that name.")
@click.option("--app", help="The app's folder.  [default: that of the newest service of the model, or its name]")
@click.option("--type", "type_", help="The model server.  [default: the version's api]")
@click.option("--image", help="The container image.  [default: that of the spec taken over, or the model server's]")
@click.option("--like", help="The service whose spec is taken over.  [default: the newest of the model and type]")
@click.option("--fresh", is_flag=True, help="Take no spec over.")
@click.option("--environment", "environments", multiple=True, help="Deploy it there at once; may be repeated.")
@click.option(
    "--external/--internal",
    default=None,
    help="Give it the smallest free id, and so an external address, or none.  [default: as the spec taken over]",
)
@dry_run_option
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    model: str,
    version: str,
    project: str | None,
    app: str | None,
    type_: str | None,
    image: str | None,
    like: str | None,
    fresh: bool,
    environments: tuple[str, ...],
    external: bool | None,
    dry_run: bool,
) -> None:
    """Make a service of a registered version of MODEL (its name, or project/name).

    Its spec is that of the model's newest service with this version in it: resources, host, config and comments stay;
    its environments and rules for other services (split, mirror, headers) do not, and an id becomes the smallest free
    one. A first service gets the smallest spec. One that is there already stays as it is.

    \b
    Examples:
      servegen publish detector v2026.11.1
      servegen publish vision/detector v2026.11.1 --environment test
    """
    if fresh and like is not None:
        raise UsageError("--fresh and --like contradict each other", hint="leave one of them")
    repository = open_repository(invocation.folder, dry_run=dry_run)
    entry = found(repository.fleet.models, model, project)
    facts = version_of(entry, version)
    source = _source(repository, entry, version, like, app, type_ or facts.api) if not fresh else None
    made = _publication(repository, entry, version, app, type_, image, source, environments, external=external)
    present = _present(repository.fleet, made)
    if present is not None and says(present, made):
        click.echo(f"{present.document.file} is there already")
        return
    if present is not None or made.name in repository.fleet.unread:
        raise _other(present, made)
    _tried(repository, made)
    text, left = _text(repository, made, source)
    made = _winning(repository, made, text)
    text, _ = _text(repository, made, source)
    announce(repository, {made.file: text}, [_said(made, source, left)])
    write(repository, {made.file: text}, dry_run=dry_run)


def _text(repository: Repository, made: Publication, source: ServiceEntry | None) -> tuple[bytes, list[str]]:
    """The spec, and the keys of the one taken over that it does not have."""
    return spec_like(made, source, repository.specs[source.document.file]) if source is not None else (spec(made), [])


def _winning(repository: Repository, made: Publication, text: bytes) -> Publication:
    """The publication with stamps that give it its host: a rival may have been released in this very second."""
    after = repository.with_edits({made.file: text})
    entry = _present(after.fleet, made)
    if entry is None:
        return made
    moments = {name: winning_stamp(after.routing, entry, name, repository.now) for name in made.environments}
    return replace(made, environments={name: stamp(moment) for name, moment in moments.items()})


def _said(made: Publication, source: ServiceEntry | None, left: list[str]) -> str:
    id = f", with the id {made.id}" if made.id is not None else ""
    if source is None:
        return f"{made.file}{id}"
    lost = [key for key in left if key != "id" or made.id is None]
    without = f", without its {', '.join(lost)}" if lost else ""
    return f"{made.file}: as {source.document.file}{without}{id}"


def _tried(repository: Repository, made: Publication) -> None:
    """Raises UsageError when an environment takes only what was tried: nobody has tried a new service."""
    platform = repository.fleet.platform
    for environment in made.environments:
        if requires_test(platform, environment) and not has_been_in_test(platform, made.environments):
            test = next(iter(trial_environments(platform)), "an environment of stage test")
            hint = f"`--environment {test}`, then `servegen deploy {made.name} {environment}`"
            raise UsageError(f"{made.name} has never been in {test}, and {environment} requires it", hint=hint)


def _other(present: ServiceEntry | None, made: Publication) -> UsageError:
    """What is in the way, and what gives the service that is there what it lacks."""
    if present is None:
        return UsageError(f"{made.file} is there already and cannot be read", hint="`servegen validate` says why")
    file, spec = present.document.file, present.spec
    if (spec.model, spec.version, spec.type) != (made.model, made.version, made.type):
        other = f"{file} is there already and serves {spec.model} {spec.version} with {spec.type}"
        return UsageError(other, hint="edit it, or remove it first")
    missing = [name for name in made.environments if name not in deployed_in(present)]
    commands = [f"servegen deploy {made.name} {name}" for name in missing] or [f"servegen expose {made.name}"]
    return UsageError(f"{file} is there already", hint=f"go on with `{'`, `'.join(commands)}`")


def _source(
    repository: Repository, entry: ModelEntry, version: str, like: str | None, app: str | None, type_: str | None
) -> ServiceEntry | None:
    """The service whose spec is taken over."""
    if like is not None:
        return names.service(repository.fleet, like)
    return newest(
        service
        for service in repository.fleet.services
        if (service.project, service.spec.model) == (entry.project, entry.name)
        and app in (None, service.app)
        and type_ in (None, service.spec.type)
        and service.spec.version != version
    )


def _publication(
    repository: Repository,
    entry: ModelEntry,
    version: str,
    app: str | None,
    type_: str | None,
    image: str | None,
    source: ServiceEntry | None,
    environments: tuple[str, ...],
    *,
    external: bool | None,
) -> Publication:
    facts = entry.spec.versions[version]
    known = type_ or server(facts, repository.fleet.catalog) or (source.spec.type if source is not None else None)
    if known is None:
        hint = f"--type, or `api:` in {entry.document.file}"
        raise UsageError(f"nobody says which model server {entry.name} {version} is meant for", hint=hint)
    try:
        name = service_name(entry.name, version)
    except InvalidValueError as mistake:
        raise UsageError(f"no service name from {entry.name} and {version}: {mistake}", hint=mistake.hint) from None
    series = source.spec.series if source is not None else "inference"
    if external is None:
        external = source is not None and source.spec.id is not None
    return Publication(
        project=entry.project,
        app=app or (source.app if source is not None else entry.name),
        name=name,
        model=entry.name,
        version=version,
        type=known,
        image=image,
        description=facts.description,
        id=next_free_id(repository, series) if external else None,
        environments={names.environment(repository.fleet, place): stamp(repository.now) for place in environments},
    )


def _present(fleet: Fleet, made: Publication) -> ServiceEntry | None:
    """The service of that name in the project, in whichever app."""
    same = (entry for entry in fleet.services if (entry.project, entry.name) == (made.project, made.name))
    return next(same, None)
