"""Handle lock files that a killed git left behind: delete those of servegen's git processes, report any other.

Before git writes, the lock files that it will create are recorded in `.servegen/git`, and none of them exists at that
time. The git processes of servegen hold the run's lock (repo.lock) until they end. So if a run has the lock and finds
both this record and one of the lock files, the git that created the file is dead.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.core.errors import ToolError
from generator.repo.state import STATE, read_state, write_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from generator.repo.git.checkout import Checkout
    from generator.repo.git.remote import Remote

_NOTE: Final = "git"


@contextmanager
def write_locks(root: Path, here: Checkout, log: Callable[[str], None], to: Remote | None = None) -> Iterator[None]:
    """Allow git to write index, work tree and branch in the body, and to push to `to`. This run must hold the lock of
    `root`.

    `log` gets a line for each lock file that is deleted. Raises ToolError, with the file's name, if there is a lock
    file that servegen did not create.
    """
    locks = _locks(here, to)
    noted = (read_state(root, _NOTE) or "").splitlines()
    for lock in dict.fromkeys([*locks, *_of_pushes(here, noted)]):
        if not lock.exists():
            continue
        if str(lock) not in noted:
            hint = "if no git is running, delete the file, which a killed git left"
            raise ToolError(f"another git is running here: found {lock}", hint=hint)
        lock.unlink(missing_ok=True)
        log(f"removed {lock}, left by a run that was killed")
    write_state(root, _NOTE, "".join(f"{lock}\n" for lock in locks))
    yield
    (root / STATE / _NOTE).unlink()


def _locks(here: Checkout, to: Remote | None) -> list[Path]:
    """Return the files by which git locks the index, HEAD and the branch for a commit (gitrepository-layout(5)).

    A fetch and a push also write the branch that tracks the remote's.
    """
    branch = [here.common / "refs" / "heads" / f"{here.branch}.lock"] if here.branch is not None else []
    tracking = [_remotes(here) / to.name / f"{to.branch}.lock"] if to is not None else []
    return [here.directory / "index.lock", here.directory / "HEAD.lock", *branch, *tracking]


def _of_pushes(here: Checkout, noted: Iterable[str]) -> list[Path]:
    """Return the noted lock files of branches that track a remote's; the next run need not push to the same one."""
    paths = [Path(lock) for lock in noted]
    return [
        path
        for path in paths
        if path.is_relative_to(_remotes(here)) and path.suffix == ".lock" and ".." not in path.parts
    ]


def _remotes(here: Checkout) -> Path:
    return here.common / "refs" / "remotes"
