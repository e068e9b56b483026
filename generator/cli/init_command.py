"""The `servegen init` command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from msgspec import Struct

from generator.cli.common import command as new_command
from generator.cli.common import show_and_stop
from generator.cli.dry_run import DRY_RUN, dry_run_option
from generator.cli.schema_command import FOLDER, texts
from generator.cli.terminal import echo
from generator.core.errors import ToolError, UsageError
from generator.core.mask_urls import mask_urls
from generator.core.programs.git import Git
from generator.edit.scaffold import ATTRIBUTES, EXAMPLE, FORGES, ScaffoldOptions, initial_files
from generator.repo import worktree
from generator.repo.commit_hook import FOLDER as FOLDER_OF_HOOKS
from generator.repo.commit_hook import activation, configured_hooks, find_hook
from generator.repo.git.checkout import has_repository, prefix
from generator.repo.lock import exclusive
from generator.repo.repository import Repository, template_loader
from generator.spec.files import PLATFORM
from generator.spec.values.git_source import repository
from generator.spec.values.invalid_value import InvalidValueError

if TYPE_CHECKING:
    from generator.cli.main import Invocation

_EXECUTABLE: Final = 0o755


class _Folder(Struct, frozen=True):
    """The folder of the new repository.

    `ours` are the files that have the generated content, written in this run or before.
    """

    root: Path
    ours: list[str]
    dry_run: bool

    def put(self, name: str, text: str, *, missing: bool = True) -> None:
        """Write a file if it does not exist and `missing` is true, and report what was done. Raises ToolError."""
        path = self.root / name
        if path.exists() or path.is_symlink():
            if path.is_file() and path.read_bytes() == text.encode():
                self.ours.append(name)
            elif missing:
                echo(f"kept     {name}, which exists")
            return
        if not missing:
            return
        echo(f"{'would create' if self.dry_run else 'created'}  {name}")
        if self.dry_run:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            if path.parent.name == ".githooks":
                path.chmod(_EXECUTABLE)
        except OSError as error:
            raise ToolError(f"cannot write {path}: {error.strerror}") from error
        self.ours.append(name)


@new_command("init")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=".")
@click.option("--minimal", is_flag=True, help="Only the platform file, .gitattributes and schemas; no git.")
@click.option(
    "--ci",
    type=click.Choice([*FORGES, "both", "none"]),
    default="both",
    show_default=True,
    help="The forge whose CI files are created.",
)
@click.option("--no-example", is_flag=True, help="No example service.")
@click.option("--delivery", type=click.Choice(["argocd", "flux"]), help="The tool that syncs it; needs --remote.")
@click.option("--remote", metavar="URL", help="The remote of the repository, as for `git remote add origin`.")
@click.option("--commit", is_flag=True, help="Commit the created files.")
@dry_run_option
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    directory: Path,
    minimal: bool,
    ci: str,
    no_example: bool,
    delivery: str | None,
    remote: str | None,
    commit: bool,
    dry_run: bool,
) -> None:
    """Make a GitOps repository in DIRECTORY that can be rendered, validated and committed at once.

    It has a platform file with one cluster and three environments, a service, CI files, and a commit hook. Existing
    files are never overwritten, so a second run adds what is missing.

    \b
    Examples:
      servegen init my-models --commit
      servegen init my-models --delivery argocd --remote https://git.example.com/team/my-models.git
    """
    if minimal and (remote is not None or commit or delivery is not None):
        raise UsageError("--minimal does not use git", hint="remove --remote, --delivery and --commit")
    here = _Folder(invocation.folder / directory, [], dry_run)
    fresh, top = not (here.root / PLATFORM).exists(), _is_top(here.root)
    if minimal:
        wanted = ScaffoldOptions()
    else:
        forges = tuple(FORGES) if ci == "both" else (ci,)
        given = None if delivery is None else _delivery(here.root, delivery, remote, fresh=fresh)
        wanted = ScaffoldOptions(
            forges if top and ci != "none" else (), hook=top, example=not no_example, delivery=given
        )
    _files(here, wanted, fresh=fresh)
    if not (minimal or top or ci == "none"):
        echo("created no CI files and no hook: they belong at the top of the work tree, and this is a subfolder")
    if dry_run:
        echo(DRY_RUN)
    elif minimal:
        echo("next: set the domain in services/platform.yaml, then `servegen new` or `servegen import`")
    else:
        _with_git(here, remote, fresh=fresh, commit=commit)


def _delivery(root: Path, tool: str, remote: str | None, *, fresh: bool) -> dict[str, str]:
    """Return the value of the platform's `delivery` key.

    Raises UsageError, before anything is written, if --remote is missing or invalid, or if the platform file exists
    already.
    """
    if remote is None:
        hint = "add --remote https://git.example.com/models.git"
        raise UsageError("--delivery needs the repository's address", hint=hint)
    _check_address(remote)
    if not fresh:
        hint = f"add it by hand: delivery: {{tool: {tool}, repository: {remote}}}"
        raise UsageError(f"{PLATFORM} already exists, and --delivery would change it", hint=hint)
    folder = prefix(root.resolve()).rstrip("/")
    return {"tool": tool, "repository": remote, **({"folder": folder} if folder else {})}


def _check_address(remote: str) -> None:
    """Raises UsageError if the platform file does not accept the address."""
    try:
        repository(remote)
    except InvalidValueError as mistake:
        raise UsageError(f"--remote: {mask_urls(str(mistake))}", hint=mistake.hint) from None


def _files(here: _Folder, wanted: ScaffoldOptions, *, fresh: bool) -> None:
    files = initial_files(template_loader(here.root), wanted)
    for name, text in files.items():
        # An example that the user has deleted is not created again.
        here.put(name, text, missing=fresh or name not in EXAMPLE)
    attributes = here.root / ATTRIBUTES
    line = files[ATTRIBUTES].splitlines()[-1]
    if attributes.is_file() and line not in attributes.read_text(encoding="utf-8").splitlines():
        echo(f"add to {ATTRIBUTES}, so that git does not merge generated files line by line:  {line}")
    if here.dry_run:
        echo(f"would create  {FOLDER}/, the JSON Schemas with which editors complete and check specs")
        return
    schemas = texts(here.root)
    missing = [kind for kind in schemas if not (here.root / FOLDER / f"{kind}.json").exists()]
    for kind in missing:
        path = here.root / FOLDER / f"{kind}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(schemas[kind], encoding="utf-8")
    here.ours.extend(f"{FOLDER}/{kind}.json" for kind in schemas)
    if missing:
        echo(f"created  {FOLDER}/, the JSON Schemas with which editors complete and check specs")


def _is_top(root: Path) -> bool:
    """Whether DIRECTORY is, or would be, the top of a Git work tree: forges read no CI files from other folders."""
    return not any((folder / ".git").exists() for folder in root.resolve().parents)


def _with_git(here: _Folder, remote: str | None, *, fresh: bool, commit: bool) -> None:
    """Do the remaining steps once the files exist: Git setup, the first rendering, and on request the first commit."""
    git = Git(here.root)
    if not has_repository(git):
        git.run("init", "--quiet", "--initial-branch=main")
        before = configured_hooks(git)
        git.run("config", "core.hooksPath", FOLDER_OF_HOOKS)
        echo("created  a Git repository with a hook in .githooks/ that checks each commit")
        if before:
            echo(
                f"note: core.hooksPath was {before}: here {FOLDER_OF_HOOKS} replaces it, and the hooks there do not run"
            )
    elif find_hook(here.root) == "inactive":
        echo(f"the hook in {FOLDER_OF_HOOKS}/ is not active: {activation(here.root)}")
    if remote is not None and not git.ask("remote", "get-url", "origin"):
        git.run("remote", "add", "origin", "--", remote)
        echo(f"added    the remote origin, {mask_urls(remote)}")
    if fresh:
        _rendered(here.root)
    if commit:
        first = not git.ask("rev-parse", "--verify", "--quiet", "HEAD")
        _committed(here, git, rendered=(fresh or first) and (here.root / "rendered").is_dir())
    else:
        echo("next: `git add --all && git commit`; then set the domain in services/platform.yaml")


def _rendered(root: Path) -> None:
    with exclusive(root):
        repository = Repository.open(root)
        plan = repository.plan_worktree()
        show_and_stop(plan.findings, repository.specs)
        worktree.write(root, plan.files, worktree.compare(root, plan.files))
    echo(f"rendered {len(plan.files)} files")


def _committed(here: _Folder, git: Git, *, rendered: bool) -> None:
    paths = [*here.ours, *(["rendered"] if rendered else [])]
    git.write("add", "--", *paths)
    if git.ask("diff", "--cached", "--quiet", "--", *paths):
        echo("nothing to commit")
        return
    git.write("commit", "--quiet", "--only", "--message", "A repository of inference services", "--", *paths)
    echo(f"committed {git.run('rev-parse', '--short=9', 'HEAD').text}")
