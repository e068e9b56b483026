"""The `servegen register` command."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

from generator.cli import completion
from generator.cli.common import command as new_command
from generator.cli.common import pushed_branch, show
from generator.cli.dry_run import DRY_RUN, dry_run_option
from generator.cli.locked import lock_repository
from generator.cli.terminal import echo
from generator.core.errors import UsageError
from generator.fleet.lookup import split_model_name
from generator.repo import worktree
from generator.repo.register import RegisterResult, RegistrationRequest, register, register_and_push
from generator.spec.values import byte_size, digest, evaluation, file_digests, model_path, moment, tensor
from generator.spec.values.invalid_value import InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from generator.cli.main import Invocation
    from generator.edit.register import Facts


@new_command("register")
@click.argument("model", shell_complete=completion.models)
@click.argument("version", required=False)
@click.option(
    "--project",
    shell_complete=completion.projects,
    help="The project: a folder in services/. MODEL can be project/model instead.",
)
@click.option(
    "--path",
    required=True,
    help="Its path or address, for example s3://models/detector/1/, or a JSON mapping of sub-models to paths.",
)
@click.option("--framework", help="The framework it was trained with or exported to: onnx, pytorch, tf, …")
@click.option("--api", help="The model server for it, for example triton-server.")
@click.option("--metrics", help="Its metrics: JSON, or a string.")
@click.option("--description", help="A one-line description.")
@click.option("--digest", help="Its checksum: sha256:…, md5:…")
@click.option(
    "--file-digest",
    "digests_of_files",
    multiple=True,
    metavar="FILE=DIGEST",
    help="The digest of one of its files: model.onnx=sha256:… Repeatable.",
)
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="NAME=TYPE[SHAPE]",
    help="One of its inputs: images=FP32[-1,3,224,224]. Repeatable.",
)
@click.option("--output", "outputs", multiple=True, metavar="NAME=TYPE[SHAPE]", help="One of its outputs. Repeatable.")
@click.option("--size", help="Its size in bytes, or with a unit: 98M.")
@click.option("--download", help="Its download address.")
@click.option("--pipeline", envvar="KFJ_PIPELINE_ID", show_envvar=True, help="The training pipeline.")
@click.option("--run", envvar="KFJ_RUN_ID", show_envvar=True, help="The training run, which identifies the version.")
@click.option("--source-commit", help="The commit of the training code.")
@click.option("--time", help="The time of the run, for example 2026-11-23T10:00:00Z.")
@click.option("--push", is_flag=True, help="Commit the registration and push it.")
@click.option("--branch", help="The branch of the remote for --push.  [default: the checked-out branch]")
@dry_run_option
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
    dry_run: bool,
    digests_of_files: tuple[str, ...],
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    **options: str | None,
) -> None:
    """Add a version of MODEL to the registry, and print the result as JSON. Meant to be called by a training pipeline.

    VERSION is by default the one that this run registered before, or the next one of today: v2026.11.24.1. The same run
    may repeat the command: the same facts change nothing, other facts change its version unless that is deployed.
    Another run must use another version.

    \b
    Examples:
      servegen register vision/detector --path /mnt/models/detector/1/model.onnx --framework onnx --api triton-server
      servegen register detector v2026.11.1 --project vision --path s3://models/detector/1/ --run 8812 --push
    """
    facts = _facts(options, digests_of_files, {"inputs": inputs, "outputs": outputs})
    project, model = split_model_name(model, project)
    if project is None:
        raise UsageError("the project is missing", hint=f"use --project, or write <project>/{model}")
    branch = pushed_branch(branch, push=push)
    request = RegistrationRequest(project, model, version, facts)
    if dry_run and push:
        raise UsageError("--dry-run and --push contradict each other", hint="remove one of them")
    root = worktree.find_root(invocation.folder) if dry_run else lock_repository(invocation.folder)
    done = register_and_push(root, request, branch) if push else register(root, request, dry_run=dry_run)
    show(done.findings, done.specs)
    _print(done, dry_run=dry_run)


# The order of the keys in the registry file.
_ORDER: Final = (
    *("path", "framework", "api", "metrics", "description", "digest", "files", "size", "inputs", "outputs"),
    "download",
)


def _facts(
    options: dict[str, str | None], digests_of_files: tuple[str, ...], tensors: Mapping[str, tuple[str, ...]]
) -> Facts:
    """Return the options as the keys of a version. Raises UsageError, with the option, if a value is invalid."""
    grammars: dict[str, Callable[[object], Any]] = {
        "path": model_path.parse,
        "metrics": evaluation.parse_option,
        "digest": digest.parse,
        "size": byte_size.parse,
        "time": moment.parse,
    }
    given: Facts = {name: value.strip() for name, value in options.items() if value is not None and value.strip()}
    for name in given.keys() & grammars.keys():
        with _of_option(name):
            parsed = grammars[name](given[name])
        given[name] = given[name] if name == "size" else parsed
    if digests_of_files:
        given["files"] = _digests(digests_of_files)
    given |= {name: _tensors(name.removesuffix("s"), written) for name, written in tensors.items() if written}
    origin = {"pipeline": "pipeline", "run": "run", "time": "time", "source_commit": "commit"}
    about = {key: given[name] for name, key in origin.items() if name in given}
    order = (
        "path",
        "framework",
        "api",
        "metrics",
        "description",
        "digest",
        "files",
        "size",
        "inputs",
        "outputs",
        "download",
    )
    return {key: given[key] for key in order if key in given} | ({"origin": about} if about else {})


def _digests(options: tuple[str, ...]) -> dict[str, str]:
    """Return the digests of files by path. Raises UsageError if a file has two."""
    out: dict[str, str] = {}
    for option in options:
        with _of_option("file-digest"):
            path, found = file_digests.parse_one(option)
        if out.setdefault(path, found) != found:
            raise UsageError(f"--file-digest: {path} has two digests", hint="give each file only once")
    return out


def _tensors(option: str, written: tuple[str, ...]) -> list[dict[str, object]]:
    """Return tensors as the registry has them. Raises UsageError if one is invalid, or if two have one name."""
    out = []
    for text in written:
        with _of_option(option):
            out.append(tensor.parse_one(text))
    names = [entry["name"] for entry in out]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"--{option}: {twice} is given twice", hint="give each tensor only once")
    return out


@contextmanager
def _of_option(name: str) -> Iterator[None]:
    try:
        yield
    except InvalidValueError as mistake:
        raise UsageError(f"--{name}: {mistake}", hint=mistake.hint) from None


def _print(done: RegisterResult, *, dry_run: bool) -> None:
    registration, commit = done.registration, done.commit
    out = {
        "project": registration.project,
        "model": registration.model,
        "version": registration.version,
        "file": registration.file,
        "changed": done.changed,
        "commit": commit.commit if commit is not None else None,
        "pushed": commit.pushed if commit is not None else False,
    }
    echo(json.dumps(out, ensure_ascii=False, indent=2))
    summary = "already registered" if not done.changed else DRY_RUN if dry_run else "registered"
    version = f"{registration.project}/{registration.model} {registration.version}"
    echo(f"{summary}; next: servegen publish {version}", err=True)
