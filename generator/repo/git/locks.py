"""Handle lock files that a killed git left behind: delete those of servegen's git processes, report any other.

Before git writes, the lock files that it will create are recorded in `.servegen/git`, and none of them exists at that
time. The git processes of servegen hold the run's lock (repo.lock) until they end. So if a run has the lock and finds
both this record and one of the lock files, the git that created the file is dead.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from generator.core.errors import ToolError
from generator.repo.state import STATE, read_state, write_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from generator.repo.git.checkout import Checkout

_NOTE: Final = "git"


@contextmanager
def write_locks(root: Path, here: Checkout, log: Callable[[str], None]) -> Iterator[None]:
    """Allow git to write index, work tree and branch in the body. This run must hold the lock of `root`.

    `log` gets a line for each lock file that is deleted. Raises ToolError, with the file's name, if there is a lock
    file that servegen did not create.
    """
    locks = _locks(here)
    noted = (read_state(root, _NOTE) or "").splitlines()
    for lock in locks:
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


def _locks(here: Checkout) -> list[Path]:
    """Return the files by which git locks the index, HEAD and the branch for a commit (gitrepository-layout(5))."""
    branch = [here.common / "refs" / "heads" / f"{here.branch}.lock"] if here.branch is not None else []
    return [here.directory / "index.lock", here.directory / "HEAD.lock", *branch]
