"""`servegen register`"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from generator.cli import edit
from generator.cli.common import command as new_command
from generator.cli.common import pushed_branch
from generator.cli.edit import lock_repository
from generator.cli.models import split_model_name
from generator.core.errors import UsageError
from generator.core.finding import Finding
from generator.edit.register import Registration, edit_registry, registry_file, version_name
from generator.repo import worktree
from generator.repo.commit import commit, reset_to, sync_with_remote
from generator.repo.git.checkout import uncommitted_files
from generator.repo.rebase import ContradictionError
from generator.spec.files import spec_path
from generator.spec.values import bytesize, digest, evaluation, modelpath, moment
from generator.spec.values.mistake import InvalidValueError
from generator.spec.values.scalars import LABEL_VALUE
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from generator.cli.main import Invocation
    from generator.edit.register import Facts
    from generator.repo.commit import CommitResult
    from generator.repo.repository import Repository

# How often another pipeline may take the version that this one was about to.
_ATTEMPTS: Final = 10


@new_command("register")
@click.argument("model")
@click.argument("version", required=False)
@click.option("--project", help="The team: a folder of services/. MODEL may be project/model instead.")
@click.option("--path", required=True, help="Where it lies; a JSON mapping of sub-models to theirs for several.")
@click.option("--framework", help="What it was trained with or exported to: onnx, pytorch, tf, …")
@click.option("--api", help="The model server it is meant for, for example triton-server.")
@click.option("--metrics", help="How good it is: JSON, or a text.")
@click.option("--description", help="One line for people.")
@click.option("--digest", help="Its checksum: sha256:…, md5:…")
@click.option("--size", help="Bytes, or with a unit: 98M.")
@click.option("--download", help="Where people can download it.")
@click.option("--pipeline", envvar="KFJ_PIPELINE_ID", show_envvar=True, help="The training pipeline.")
@click.option("--run", envvar="KFJ_RUN_ID", show_envvar=True, help="Its run, by which it is known again.")
@click.option("--source-commit", help="The commit of the training code.")
@click.option("--time", help="When the run was, for example 2026-11-23T10:00:00Z.")
@click.option("--push", is_flag=True, help="Commit this, and push it.")
@click.option("--branch", help="The remote's branch for --push.  [default: the one that is checked out]")
@click.pass_obj
def command(
    invocation: Invocation,
    /,
    *,
    model: str,
    version: str | None,
    project: str | None,
    push: bool,
    branch: str | None,
    **options: str | None,
) -> None:
    """Add a version of MODEL to the registry: what a training pipeline calls. Prints JSON.

    VERSION is by default the one that this run registered before, or today's next: v2026.11.24.1. The same run may call
    it again: with the same facts nothing changes, with others its version is changed, unless that one is deployed.
    Another run must take another version.

    \b
    Examples:
      servegen register vision/detector --path /mnt/models/detector/1/model.onnx --framework onnx --api triton-server
      servegen register detector v2026.11.1 --project vision --path s3://models/detector --run 8812 --push
    """
    facts = _facts(options)
    project, model = split_model_name(model, project)
    if project is None:
        raise UsageError("the project is missing", hint=f"--project, or <project>/{model}")
    _legal(registry_file(project, model))
    branch = pushed_branch(branch, push=push)
    asked = _Asked(project, model, version, facts)
    if push:
        root = lock_repository(invocation.folder)
        # A commit that holds what a person wrote into the file is not taken back.
        attempts = 1 if _changed_by_hand(root, registry_file(project, model)) else _ATTEMPTS
        _tell(*_published(root, asked, branch, attempts))
    else:
        _tell(*_written(invocation.folder, asked), None)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be registered; without a version it follows from the run and from what is registered already."""

    project: str
    model: str
    version: str | None
    facts: Facts

    @property
    def run(self) -> str | None:
        """The run that registers it."""
        run: str | None = self.facts.get("origin", {}).get("run")
        return run


def _written(folder: Path, asked: _Asked) -> tuple[Registration, bool]:
    """The registration, and whether the registry says another thing now."""
    repository = edit.open_repository(folder)
    _known_server(repository, asked.facts.get("api"))
    entry = repository.fleet.models.get((asked.project, asked.model))
    version = asked.version or version_name(entry, asked.run, datetime.now(UTC).date())
    _legal_version(version)
    wanted = Registration(asked.project, asked.model, version, asked.facts)
    before = repository.specs.get(wanted.file)
    after = edit_registry(before, wanted, repository.fleet)
    if after != before:
        edit.refuse_new_errors(repository, {wanted.file: after})
        worktree.write_specs(repository.root, {wanted.file: after}, {} if before is None else {wanted.file: before})
    return wanted, after != before


def _published(root: Path, asked: _Asked, branch: str | None, attempts: int) -> tuple[Registration, bool, CommitResult]:
    """Registered on top of what the remote has, committed and pushed.

    Two pipelines may take one version at once: the later one's commit is taken back, and it registers again beside the
    other's.
    """
    head = sync_with_remote(root, branch=branch)
    wanted, changed = _written(root, asked)
    try:
        subject = f"register {wanted.project}/{wanted.model} {wanted.version}"
        return wanted, changed, commit(root, subject=subject, push=True, branch=branch)
    except ContradictionError:
        if attempts == 1 or head is None:
            raise
        reset_to(root, head)
    return _published(root, asked, branch, attempts - 1)


def _facts(options: dict[str, str | None]) -> Facts:
    """The options as the keys of a version. Raises UsageError, with the option, on a value that its grammar refuses."""
    grammars: dict[str, Callable[[object], Any]] = {
        "path": modelpath.parse,
        "metrics": evaluation.parse,
        "digest": digest.parse,
        "size": bytesize.parse,
        "time": moment.parse,
    }
    given = {name: value.strip() for name, value in options.items() if value is not None and value.strip()}
    for name in given.keys() & grammars.keys():
        with _of_option(name):
            parsed = grammars[name](given[name])
        given[name] = given[name] if name == "size" else parsed
    origin = {"pipeline": "pipeline", "run": "run", "time": "time", "source_commit": "commit"}
    about = {key: given[name] for name, key in origin.items() if name in given}
    order = ("path", "framework", "api", "metrics", "description", "digest", "size", "download")
    return {key: given[key] for key in order if key in given} | ({"origin": about} if about else {})


@contextmanager
def _of_option(name: str) -> Iterator[None]:
    try:
        yield
    except InvalidValueError as mistake:
        raise UsageError(f"--{name}: {mistake}", hint=mistake.hint) from None


def _legal(file: str) -> None:
    where = spec_path(file)
    if isinstance(where, Finding):
        raise UsageError(where.message)


def _legal_version(version: str) -> None:
    """A version becomes a label of pods."""
    if not version or not LABEL_VALUE.match(version):
        expected = "at most 63 letters, digits, -, _ and ., the first and the last a letter or digit"
        raise UsageError(f'found the version "{version}", expected {expected}', hint="for example v2026.11.1")


def _known_server(repository: Repository, api: str | None) -> None:
    servers = repository.fleet.catalog.servers
    if api is not None and api not in servers:
        hint = closest(api, servers) or f"known here: {', '.join(servers)}"
        raise UsageError(f"--api: there is no model server {api}", hint=hint)


def _changed_by_hand(root: Path, file: str) -> bool:
    """Whether the registry file is changed and not committed.

    Raises UsageError when other specs are: they would be pushed with this one.
    """
    changed = uncommitted_files(root, "services")
    others = [name for name in changed if name != file]
    if others:
        hint = "commit them or put them away first, or leave --push"
        raise UsageError(f"{others[0]} is changed too, and --push commits the registration alone", hint=hint)
    return file in changed


def _tell(wanted: Registration, changed: bool, done: CommitResult | None) -> None:
    out = {
        "project": wanted.project,
        "model": wanted.model,
        "version": wanted.version,
        "file": wanted.file,
        "changed": changed,
        "commit": done.commit if done is not None else None,
        "pushed": done.pushed if done is not None else False,
    }
    click.echo(json.dumps(out, ensure_ascii=False, indent=2))
    said = "registered" if changed else "it is registered already"
    click.echo(f"{said}; next: servegen publish {wanted.project}/{wanted.model} {wanted.version}", err=True)
