"""What the last `servegen render` of a work tree read and wrote, so that the next one plans only what an edit reaches.

As in Git's index, the size, inode and times of a path below rendered/ stand for what is there. A file that was changed
since shortly before the run is read again, and of such a folder the names are.
"""

from __future__ import annotations

import hashlib
import os
import stat
from array import array
from datetime import datetime  # noqa: TC003  # decoding a record reads its annotations
from typing import TYPE_CHECKING, Final

from msgspec import MsgspecError, Struct, msgpack
from msgspec.structs import replace

from generator.core.finding import Finding  # noqa: TC001  # as above
from generator.core.started import STARTED
from generator.render.files import ROOT as RENDERED
from generator.repo.cache.choice import is_cache_off
from generator.repo.cache.file_states import path_facts, settle_time
from generator.repo.cache.inputs import read_inputs
from generator.repo.cache.unchanged import Said
from generator.repo.cache.user_store import result_store
from generator.repo.walk import walk
from generator.repo.worktree import Changes, content_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from generator.core.template_loader import TemplateLoader
    from generator.repo.cache.file_states import PathFacts
    from generator.repo.cache.inputs import Inputs
    from generator.repo.cache.store import ResultStore

_UNKNOWN: Final = (0, 0, 0, 0, 0)
_FOLDER: Final = "folder"
# Before the name of a content that is not servegen's: that of a hidden file.
_OTHER: Final = "other "


class ValidTime(Struct, frozen=True, array_like=True):
    """The time from a render until time alone may change its findings."""

    since: datetime
    until: datetime


class LastRender(Struct, frozen=True, array_like=True):
    """The spec files (path -> content), what was said about them, and what rendered/ then had.

    `names` are those by which a text can mean a service. `paths` are the files of rendered/ with the SHA-1 names of
    their contents, other files, and folders; `states` has mode, size, inode and both times of each, zeros if they say
    nothing.
    """

    specs: dict[str, bytes]
    names: list[str]
    numbers: str
    findings: tuple[Finding, ...]
    span: ValidTime
    paths: dict[str, str]
    states: bytes

    @property
    def said(self) -> Said:
        """What the render said."""
        return Said(self.numbers, self.findings)

    @property
    def contents(self) -> dict[str, str]:
        """The SHA-1 name of the content of each file that servegen wrote."""
        return {path: name for path, name in self.paths.items() if name != _FOLDER and not name.startswith(_OTHER)}


class RenderMemory(Struct, frozen=True):
    """The last render of the work tree `root` in `store`. `inputs` are servegen and the templates."""

    store: ResultStore
    inputs: Inputs
    root: Path

    def recall(self, now: datetime) -> LastRender | None:
        """Return the last render, with the states that rendered/ has now.

        None if it is not known, if rendered/ has something else by now, or if time alone may change the findings.
        """
        content = self.store.read([self.key]).get(self.key)
        try:
            last = msgpack.decode(content, type=LastRender) if content is not None else None
        except MsgspecError:
            return None
        if last is None or not last.span.since <= now < last.span.until:
            return None
        states = _confirmed(self.root, last)
        return replace(last, states=states) if states else None

    def keep(self, last: LastRender) -> None:
        """Keep a render, unless servegen or a template has changed meanwhile."""
        if self.inputs.are_current():
            self.store.write({self.key: msgpack.encode(last)})

    @property
    def key(self) -> str:
        """The key of its entry."""
        what = f"render {self.inputs.digest} {self.root}"
        return hashlib.sha256(what.encode("utf-8", "surrogateescape")).hexdigest()


def render_memory(root: Path, loader: TemplateLoader) -> RenderMemory | None:
    """Return the memory of a work tree with the templates of `loader`; None if no cache can be used."""
    store = None if is_cache_off() else result_store()
    inputs = read_inputs(loader) if store is not None else None
    return RenderMemory(store, inputs, root) if store is not None and inputs is not None else None


def rendered_states(root: Path, contents: Mapping[str, str], started: float = STARTED) -> tuple[dict[str, str], bytes]:
    """Return the `paths` and `states` of rendered/, which has files with these contents.

    A state that is younger than `started`, when this process began, says nothing. Raises OSError.
    """
    paths = {RENDERED: _FOLDER}
    for name, entry in walk(root, RENDERED, hidden=True):
        paths[name] = contents.get(name) or _what(entry)
    return paths, _packed(_settled(path_facts(f"{root}/{path}"), started) for path in paths)


def _what(entry: os.DirEntry[str]) -> str:
    """Return what stands for a path that servegen did not write."""
    if entry.is_dir(follow_symlinks=False):
        return _FOLDER
    return _OTHER + (_content(entry.path) if entry.is_file(follow_symlinks=False) else "")


def changes_since(last: LastRender, contents: Mapping[str, str]) -> Changes | None:
    """Return how rendered/, which is as `last` left it, differs from files with these contents.

    None if it has other files too: what becomes of them is decided by what is in them.
    """
    if any(content.startswith(_OTHER) for content in last.paths.values()):
        return None
    before = last.contents
    return Changes(
        created=tuple(sorted(contents.keys() - before.keys())),
        updated=tuple(sorted(file for file in contents.keys() & before.keys() if contents[file] != before[file])),
        deleted=tuple(sorted(before.keys() - contents.keys())),
    )


def forget_states(last: LastRender, files: Iterable[str]) -> bytes:
    """Return the states without those of files that were written, and of the folders that they are in."""
    changed = {part for file in files for part in (file, file.rpartition("/")[0])}
    found = _unpacked(last.states)
    return _packed(_UNKNOWN if path in changed else state for path, state in zip(last.paths, found, strict=True))


def _confirmed(root: Path, last: LastRender, started: float = STARTED) -> bytes:
    """Return the states now; nothing if a path is not what it was."""
    states, children = [], dict[str, set[str]]()
    try:
        for (path, content), known in zip(last.paths.items(), _unpacked(last.states), strict=True):
            state = path_facts(f"{root}/{path}")
            if state != known or known == _UNKNOWN:
                children = children or _children(last.paths)
                if not _is_same(f"{root}/{path}", state, content, children.get(path, set())):
                    return b""
                state = _settled(state, started)
            states.append(state)
    except (OSError, ValueError):
        return b""
    return _packed(states)


def _is_same(path: str, state: tuple[int, ...], content: str, children: set[str]) -> bool:
    if content == _FOLDER:
        return stat.S_ISDIR(state[0]) and set(os.listdir(path)) == children  # noqa: PTH208
    if not stat.S_ISREG(state[0]):
        return False
    return _content(path) == content.removeprefix(_OTHER)


def _content(path: str) -> str:
    with open(path, "rb") as file:  # noqa: PTH123  # as in worktree
        return content_name(file.read())


def _children(paths: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        found.setdefault(folder, set()).add(name)
    return found


def _settled(state: PathFacts, started: float) -> PathFacts:
    return state if max(state[3:]) < settle_time(started) else _UNKNOWN


def _packed(states: Iterable[tuple[int, ...]]) -> bytes:
    return array("q", [fact for state in states for fact in state]).tobytes()


def _unpacked(states: bytes) -> Iterator[tuple[int, ...]]:
    facts = iter(array("q", states))
    return zip(*[facts] * len(_UNKNOWN), strict=True)
