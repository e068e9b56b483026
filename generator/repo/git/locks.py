"""Lock files that a killed git left behind: ours are taken away, anybody else's are told.

Before git writes, the lock files that it will make are noted in `.servegen/git`, and none of them is there yet. Our
gits hold the run's lock (repo.lock) until they end. So a run that has the lock, finds that note and one of these
files knows that the git that made it is dead.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from generator.core.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from generator.repo.git.checkout import Checkout

_NOTE: Final = ".servegen/git"


@contextmanager
def write_locks(root: Path, here: Checkout, tell: Callable[[str], None]) -> Iterator[None]:
    """While the body runs, git may write index, work tree and branch. `root` is locked by this run.

    Raises ToolError, with the file's name, when a lock file is there that is not ours.
    """
    locks, note = _locks(here), root / _NOTE
    noted = note.read_text("utf-8").splitlines() if note.is_file() else []
    for lock in locks:
        if not lock.exists():
            continue
        if str(lock) not in noted:
            hint = "if no git is running, delete the file, which a killed git left"
            raise ToolError(f"another git is running here: found {lock}", hint=hint)
        lock.unlink(missing_ok=True)
        tell(f"removed {lock}, left by a run that was killed")
    note.parent.mkdir(exist_ok=True)
    note.write_text("".join(f"{lock}\n" for lock in locks), "utf-8")
    yield
    note.unlink()


def _locks(here: Checkout) -> list[Path]:
    """What git locks when it commits (gitrepository-layout(5)): the index, HEAD and the branch."""
    branch = [here.common / "refs" / "heads" / f"{here.branch}.lock"] if here.branch is not None else []
    return [here.directory / "index.lock", here.directory / "HEAD.lock", *branch]
