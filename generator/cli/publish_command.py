"""`servegen publish`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli.common import command as new_command
from generator.cli.edit import announce, dry_run_option, workspace, write
from generator.errors import UsageError

if TYPE_CHECKING:
    from generator.cli.edit import Workspace
    from generator.cli.main import Invocation
    from generator.fleet import ModelEntry, ServiceEntry
    from generator.publication import Publication


@new_command("publish")
@click.argument("model")
@click.argument("version")
@click.option("--project", help="The model's project, where several have a model of that name.")
@click.option("--app", help="The app's folder.  [default: that of the newest service of the model, or its name]")
@click.option("--type", "type_", help="The model server.  [default: the version's api]")
@click.option("--like", help="The service whose spec is taken over.  [default: the newest of the model and type]")
@click.option("--fresh", is_flag=True, help="Take no spec over.")
@click.option("--environment", "environments", multiple=True, help="Deploy it there at once; may be repeated.")
@click.option("--external", is_flag=True, help="Give it the smallest free id, and so an external address.")
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
    like: str | None,
    fresh: bool,
    environments: tuple[str, ...],
    external: bool,
    dry_run: bool,
) -> None:
    """Make a service of a registered version of MODEL (its name, or project/name).

    Its spec is that of the model's newest service with this version in it: resources, host, config and comments stay;
    its id, environments and rules for other services (split, mirror, headers) do not. A first service gets the
    smallest spec. One that is there already stays as it is.

    \b
    Examples:
      servegen publish detector v2026.11.1
      servegen publish vision/detector v2026.11.1 --environment test
    """
    from generator.cli.models import found, version_of
    from generator.publication import says, spec, spec_like

    if fresh and like is not None:
        raise UsageError("--fresh and --like contradict each other", hint="leave one of them")
    work = workspace(invocation.folder, dry_run=dry_run)
    entry = found(work.fleet.models, model, project)
    facts = version_of(entry, version)
    source = _source(work, entry, version, like, app, type_ or facts.api) if not fresh else None
    made = _publication(work, entry, version, app, type_, source, environments, external=external)
    present = _present(work, made)
    if present is not None and says(present, made):
        click.echo(f"{present.document.file} is there already")
        return
    if present is not None or made.name in work.fleet.unread:
        file = present.document.file if present is not None else made.file
        raise UsageError(f"{file} is there already and says something else", hint="edit it, or remove it first")
    said = [made.file]
    if source is None:
        text = spec(made)
    else:
        text, left = spec_like(made, source, work.specs[source.document.file])
        said.append(f"as {source.document.file}{', without its ' if left else ''}{', '.join(left)}")
    announce(work, {made.file: text}, said)
    write(work, {made.file: text}, dry_run=dry_run)


def _source(
    work: Workspace, entry: ModelEntry, version: str, like: str | None, app: str | None, type_: str | None
) -> ServiceEntry | None:
    """The service whose spec is taken over."""
    from generator.cli import names
    from generator.publication import newest

    if like is not None:
        return names.service(work.fleet, like)
    return newest(
        service
        for service in work.fleet.services
        if (service.project, service.spec.model) == (entry.project, entry.name)
        and app in (None, service.app)
        and type_ in (None, service.spec.type)
        and service.spec.version != version
    )


def _publication(
    work: Workspace,
    entry: ModelEntry,
    version: str,
    app: str | None,
    type_: str | None,
    source: ServiceEntry | None,
    environments: tuple[str, ...],
    *,
    external: bool,
) -> Publication:
    from generator.cli import names
    from generator.cli.ids import allotted, sound
    from generator.lifecycle import stamp
    from generator.publication import Publication, server
    from generator.spec.values.mistake import MistakeError
    from generator.spec.values.names import service_name

    facts = entry.spec.versions[version]
    known = type_ or server(facts, work.fleet.shipped) or (source.spec.type if source is not None else None)
    if known is None:
        hint = f"--type, or `api:` in {entry.document.file}"
        raise UsageError(f"nobody says which model server {entry.name} {version} is meant for", hint=hint)
    try:
        name = service_name(entry.name, version)
    except MistakeError as mistake:
        raise UsageError(f"no service name from {entry.name} and {version}: {mistake}", hint=mistake.hint) from None
    series = source.spec.series if source is not None else "inference"
    return Publication(
        project=entry.project,
        app=app or (source.app if source is not None else entry.name),
        name=name,
        model=entry.name,
        version=version,
        type=known,
        description=facts.description,
        id=allotted(sound(work.root, work.specs), series) if external else None,
        environments={names.environment(work.fleet, place): stamp(work.now) for place in environments},
    )


def _present(work: Workspace, made: Publication) -> ServiceEntry | None:
    """The service of that name in the project, in whichever app."""
    same = (entry for entry in work.fleet.services if (entry.project, entry.name) == (made.project, made.name))
    return next(same, None)
