"""What decides beside the specs what is rendered: the program, the packages that it uses, templates and schemas."""

from __future__ import annotations

import hashlib
import os
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

import generator
from generator.core.paths import templates_root
from generator.core.started import STARTED
from generator.repo.cache.file_states import content_digest, has_change_since, known_digest, read_state
from generator.repo.cache.user_store import result_store

if TYPE_CHECKING:
    from generator.core.template_loader import TemplateLoader
    from generator.repo.cache.file_states import State

_PROGRAM: Final = Path(generator.__file__).parent
# The time of a file is that of the kernel's last tick.
_TICK_SECONDS: Final = 0.1


class Inputs(Struct, frozen=True):
    """The digest of all files of some folders, and the state in which these files were."""

    digest: str
    state: State

    def are_current(self) -> bool:
        """Return whether no file has changed since."""
        try:
            return read_state(root for root, _ in self.state) == self.state
        except OSError:
            return False


@cache
def read_program() -> Inputs | None:
    """Return the inputs of every run of this process: the program, its packages, and what it ships.

    None if a file cannot be read, and if one has changed since this process began: then nobody knows which version of
    the program runs.
    """
    try:
        state = _program()
        if has_change_since(state, STARTED - _TICK_SECONDS):
            return None
        return Inputs(_digest([sys.version, *_packages(), _known_digest(state)]), state)
    except OSError:
        return None


def program_state() -> str:
    """Return a digest of the times, sizes and inodes of the program's files. Raises OSError if one cannot be read."""
    return _digest([sys.version, *_packages(), repr(_program())])


def read_inputs(loader: TemplateLoader) -> Inputs | None:
    """Return the inputs of a run with the templates and schemas of `loader`; None if they cannot be read."""
    program, own = read_program(), loader.roots[:-1]
    if program is None:
        return None
    try:
        repository = read_state(map(str, own))
        return Inputs(
            _digest([program.digest, *(content_digest((folder,)) for folder in repository)]),
            (*program.state, *repository),
        )
    except OSError:
        return None


def _program() -> State:
    return read_state((str(_PROGRAM), str(templates_root())))


def _known_digest(state: State) -> str:
    store = result_store()
    return known_digest(state, store, STARTED) if store is not None else content_digest(state)


def _digest(facts: list[str]) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _packages() -> list[str]:
    """Return the names and versions of all installed packages, from the names of the folders that describe them."""
    folders = [folder for folder in sys.path if os.path.isdir(folder)]  # noqa: PTH112  # pathlib is ten times slower
    return sorted(name for folder in folders for name in os.listdir(folder) if name.endswith(".dist-info"))  # noqa: PTH208
