"""Render, validate and commit the specs and rendered files, and push them on request.

Every command that publishes specs ends in `commit`. Errors in the specs are raised as RefusedError with the findings
and the sources that a caller needs to print them; it has a message only if the errors appear on top of the remote's
branch.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from generator.checks.fleet import f16_moved_environment, f17_lost_host, f20_changed_delivery, f21_changed_namespace
from generator.core.errors import RefusedError, ServegenError, UsageError
from generator.core.programs.git import Git
from generator.repo import commit_message as commitmessage
from generator.repo import worktree
from generator.repo.git import objects as gitobjects
from generator.repo.git.checkout import checkout, uncommitted_files
from generator.repo.git.deviations import FOLDERS, Expected
from generator.repo.git.locks import write_locks
from generator.repo.git.moves import move, repair
from generator.repo.git.remote import Remote, destination
from generator.repo.local_commit import create_local_commit
from generator.repo.lock import exclusive
from generator.repo.path_conflicts import TEMPLATES
from generator.repo.push import ATTEMPTS, push
from generator.repo.repository import Repository
from generator.spec.files import ROOT as SPECS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from generator.core.finding import Finding
    from generator.core.template_loader import TemplateLoader
    from generator.repo.git.checkout import Checkout
    from generator.repo.worktree import Changes

    # The specs before and after, and the templates of both.
    FindEffects = Callable[
        [Mapping[str, bytes], Mapping[str, bytes], TemplateLoader], commitmessage.CommitEffects | None
    ]

_SEQUENCE: Final = "sequencer/todo"
# Files in git's folder while an operation waits for the user, the first that is there, and git's command for it.
# Source: gitrepository-layout(5), git-rebase(1), and what git 2.39 leaves behind.
_UNDER_WAY: Final = {
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "rebase-merge": "rebase",
    "rebase-apply/applying": "am",
    "rebase-apply": "rebase",
    # The rest of several commits, when that of the last conflict is made.
    _SEQUENCE: "cherry-pick",
    "BISECT_LOG": "bisect",
}
# How git marks a branch that the remote, and no hook of the clone, does not let change.
_REFUSED: Final = "[remote rejected]"
_BISECT: Final = "end it first: `git bisect reset`, which leaves a commit that is made now behind"


# Findings about what a change leaves behind in a cluster: nobody sees that in the specs afterwards.
_LEFT_BEHIND: Final = (f16_moved_environment.ID, f17_lost_host.ID, f20_changed_delivery.ID, f21_changed_namespace.ID)


class CommitResult(Struct, frozen=True):
    """The result of a run. `commit` is None if nothing had changed; `changes` are sentences about the specs."""

    commit: str | None
    pushed: bool
    changes: tuple[str, ...]


class PreparedCommit(Struct, frozen=True):
    """A commit that is not made yet: what it has to hold, how the work tree differs from that, and the message.

    `changes` are sentences about the specs, `warnings` are findings about what the change leaves behind.
    """

    expected: Expected
    tree: Changes
    changes: tuple[str, ...]
    message: str
    warnings: tuple[Finding, ...] = ()


def prepare(
    root: Path, git: Git, here: Checkout, subject: str | None = None, find_effects: FindEffects | None = None
) -> PreparedCommit:
    """Render and check the specs of the work tree, as thoroughly as `servegen validate`; write nothing.

    `find_effects` returns what the commit does to objects, for the message. Raises RefusedError with the findings.
    Raises UsageError if git waits for the user, or if templates/ has uncommitted changes: the commit would hold what
    they render, but not the templates themselves.
    """
    uncommitted = _ready(git, here)
    repository = Repository.open(root).with_memory()
    specs = repository.specs
    before = gitobjects.specs(git, here.head, likely=specs.values())
    plan = repository.plan_worktree(base=before if here.head is not None else None, thorough=True)
    if plan.has_errors:
        raise RefusedError(plan.findings, specs)
    tree = worktree.compare(root, plan.files)
    lost = worktree.find_local_changes(root, plan.files, tree)
    if lost:
        raise RefusedError(lost, specs)
    what = commitmessage.changes(before, _as_git_has_it(before, specs, uncommitted))
    known = find_effects(before, specs, repository.templates) if find_effects and what and before else None
    effects: tuple[str, ...] = ()
    if known is not None:
        what, effects = known.of(what), known.sentences or (commitmessage.NO_EFFECT,)
    text = commitmessage.message(what, source=here.head, subject=subject, effects=effects)
    warnings = tuple(finding for finding in plan.findings if finding.id in _LEFT_BEHIND)
    return PreparedCommit(Expected(specs, plan.files), tree, tuple(str(change) for change in what), text, warnings)


def _as_git_has_it(
    before: Mapping[str, bytes], specs: Mapping[str, bytes], uncommitted: Iterable[str]
) -> dict[str, bytes]:
    """Return the specs, with the content from HEAD for each file that git does not list as uncommitted.

    Such a file may have other line ends in the work tree than in the commit.
    """
    unchanged = (before.keys() & specs.keys()).difference(uncommitted)
    return {**specs, **{file: before[file] for file in unchanged}}


def commit(
    root: Path,
    *,
    subject: str | None = None,
    push: bool = False,
    remote: str = "origin",
    branch: str | None = None,
    attempts: int = ATTEMPTS,
    log: Callable[[str], None] = lambda _: None,
    find_effects: FindEffects | None = None,
) -> CommitResult:
    """Render, check and commit services/ and rendered/ of `root`, and nothing else; with `push`, also push the commit.

    Files that the user staged stay staged, and are not in the commit. With `push`, earlier local commits are pushed
    too; if the remote branch has moved in the meantime, the run does not fail (see generator.repo.push). `log` gets a
    line for each step; `find_effects` is as for `prepare`. Raises RefusedError, UsageError, and ToolError with the
    output of git or a hook; the index is then restored.
    """
    with exclusive(root) as lock:
        git = Git(root, lock.descriptor)
        repair(git, log)
        here = checkout(git)
        to = destination(git, here, Remote(remote, branch)) if push else None
        ready = prepare(root, git, here, subject, find_effects)
        with write_locks(root, here, log):
            worktree.write(root, ready.expected.files, ready.tree)
            made = create_local_commit(git, here, ready.expected, ready.message)
        if made is not None:
            log(f"committed {made[:9]}: {ready.message.partition(chr(10))[0]}")
            for warning in ready.warnings:
                log(f"warning: {warning.message}\n  hint: {warning.hint}")
        if to is None:
            return CommitResult(made, False, ready.changes)
        with _kept(made):
            here = replace(here, head=made or here.head)
            tip = _pushed(git, here, to, log, attempts, ready.expected.specs.values())
        return CommitResult(made and tip, True, ready.changes)


def sync_with_remote(
    root: Path, *, branch: str | None = None, log: Callable[[str], None] = lambda _: None
) -> str | None:
    """Synchronise this clone with its branch of the remote, before a decision that depends on the clone's content.

    Earlier local commits are pushed; uncommitted changes are kept. Return the commit of HEAD, or None if there is none
    yet. Raises what `commit` raises.
    """
    with exclusive(root) as lock:
        git = Git(root, lock.descriptor)
        repair(git, log)
        here = checkout(git)
        to = destination(git, here, Remote("origin", branch))
        return _pushed(git, here, to, log) if here.head is not None else None


def reset_to(root: Path, to: str, *, log: Callable[[str], None] = lambda _: None) -> None:
    """Move HEAD and the work tree back to the commit `to`, to drop a commit of this run that cannot be pushed."""
    with exclusive(root) as lock:
        git = Git(root, lock.descriptor)
        here = checkout(git)
        assert here.head is not None
        with write_locks(root, here, log):
            move(git, here.head, to, dry_run=False, why="taken back")


def _pushed(
    git: Git,
    here: Checkout,
    to: Remote,
    log: Callable[[str], None],
    attempts: int = ATTEMPTS,
    likely: Collection[bytes] = (),
) -> str:
    with write_locks(git.folder, here, log, to):
        tip = push(git, here, to, attempts, likely)
    log(f"{to} is at {tip[:9]}")
    return tip


@contextmanager
def _kept(made: str | None) -> Iterator[None]:
    """Add to the hint of every error after a commit that the commit exists and how to push it."""
    try:
        yield
    except ServegenError as error:
        if made is not None:
            again = f"the commit {made[:9]} is in this clone but not pushed; `servegen commit --push` tries again"
            if _REFUSED in str(error):
                again += ", and with `--branch NAME` pushes to a branch for a pull request"
            error.hint = f"{error.hint}; {again}" if error.hint else again
        raise


def _ready(git: Git, here: Checkout) -> list[str]:
    """Return the uncommitted files of services/. Raises UsageError if nothing can be committed now."""
    what = _under_way(here.directory)
    if what is not None:
        hint = f"finish it first: `git {what} --continue` or `git {what} --abort`"
        message = f"{'an' if what == 'am' else 'a'} {what} is in progress in this repository"
        raise UsageError(message, hint=_BISECT if what == "bisect" else hint)
    if git.run("ls-files", "--unmerged", "--", ".").text:
        raise UsageError(
            "this work tree has unmerged files", hint="`git status` lists them: resolve them, then `git add`"
        )
    # Git reads the patterns of a sparse check-out from this file. Source: git-sparse-checkout(1)
    if (here.directory / "info" / "sparse-checkout").exists() and git.ask("config", "--get", "core.sparseCheckout"):
        _whole(git)
    uncommitted = uncommitted_files(git, here, SPECS, TEMPLATES)
    changed = [file for file in uncommitted if file.partition("/")[0] == TEMPLATES]
    if changed:
        hint = "commit templates/ first: git add templates && git commit -- templates"
        what = f"{changed[0]} has uncommitted changes, and the commit would contain what it renders"
        raise UsageError(what, hint=hint)
    return uncommitted


def _under_way(directory: Path) -> str | None:
    """Return the git command of the operation that waits for the user; None if there is none."""
    name = next((name for name in _UNDER_WAY if (directory / name).exists()), None)
    if name == _SEQUENCE and (directory / name).read_bytes().startswith(b"revert"):
        return "revert"
    return _UNDER_WAY[name] if name is not None else None


def _whole(git: Git) -> None:
    """Raises UsageError if a sparse check-out omits files of the commit: they would be committed as deleted."""
    listed = git.run("ls-files", "-t", "-z", "--", *FOLDERS, TEMPLATES).text.split("\0")
    left = [entry.removeprefix("S ") for entry in listed if entry.startswith("S ")]
    if left:
        hint = "git sparse-checkout add services rendered templates, or git sparse-checkout disable"
        raise UsageError(f"{left[0]} is not checked out, but a commit needs the whole fleet", hint=hint)
