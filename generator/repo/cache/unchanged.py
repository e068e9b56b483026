"""What `servegen render` said when it changed nothing: it says the same until a file, servegen or the day changes.

As in the index of Git, the size, inode and times of a file stand for its content. A file that was changed shortly
before the run stands for nothing, because another change may give it the same time: then nothing is kept.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.core.started import STARTED
from generator.pipeline.finding_codec import decode_findings, encode_findings
from generator.render.files import ROOT as RENDERED
from generator.repo.cache.choice import is_cache_off
from generator.repo.cache.file_states import path_facts, settle_time
from generator.repo.cache.inputs import program_state, read_program
from generator.repo.cache.user_store import result_store
from generator.repo.ignored_specs import find_ignored_specs
from generator.repo.path_conflicts import TEMPLATES
from generator.repo.state import find_irregular
from generator.repo.tracked_paths import check_index
from generator.repo.walk import walk
from generator.spec.files import ROOT as SPECS
from generator.spec.files import is_spec

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from generator.core.finding import Finding

# Specs change most, so they are looked at first.
_FOLDERS: Final = (SPECS, TEMPLATES, RENDERED)
_FACTS: Final = 5


class Said(Struct, frozen=True):
    """The numbers of services, environments, objects and files in a sentence, and the findings."""

    numbers: str
    findings: tuple[Finding, ...] = ()


def recall(root: Path, now: datetime) -> Said | None:
    """Return what a render of this work tree said that changed nothing; None if one may say something else now."""
    store = None if is_cache_off() else result_store()
    if store is None:
        return None
    try:
        key = _key(root)
        content = store.read([key]).get(key)
        return _valid(root, json.loads(content), now) if content is not None else None
    except OSError:
        return None


def remember(root: Path, said: Said, now: datetime, until: datetime, started: float = STARTED) -> None:
    """Keep what a render without errors said that changed nothing, at `now`; time alone changes it at `until`.

    Nothing is kept if a file was changed since shortly before `started`, when this process began, or if Git's index or
    the state folder give findings: no path in the three folders decides about these.
    """
    store = None if is_cache_off() else result_store()
    program = read_program() if store is not None else None
    if store is None or program is None or not program.are_current():
        return
    try:
        paths = {folder: [folder, *(name for name, _ in walk(root, folder, hidden=True))] for folder in _FOLDERS}
        states = {folder: _states(root, names) for folder, names in paths.items()}
        if _are_settled(states.values(), started) and not has_more(root, paths[SPECS]):
            trees = {folder: [_digest(states[folder]), names] for folder, names in paths.items()}
            span = [now.isoformat(), until.isoformat()]
            if (findings := encode_findings(said.findings)) is not None:
                store.write({_key(root): json.dumps([span, trees, said.numbers, findings]).encode()})
    except OSError:
        return


def _valid(root: Path, entry: Any, now: datetime) -> Said | None:
    (since, until), trees, numbers, findings = entry
    if not datetime.fromisoformat(since) <= now < datetime.fromisoformat(until):
        return None
    if any(digest != _digest(_states(root, names)) for digest, names in trees.values()):
        return None
    found = decode_findings(findings)
    return None if found is None or has_more(root, trees[SPECS][1]) else Said(numbers, found)


def _key(root: Path) -> str:
    """Return the key of a work tree for this version of servegen. Raises OSError if its files cannot be read."""
    what = f"unchanged {program_state()} {root}"
    return hashlib.sha256(what.encode("utf-8", "surrogateescape")).hexdigest()


def _states(root: Path, names: Iterable[str]) -> array[int]:
    """Return mode, size, inode and both times of each path; zeros for what is not there."""
    states = array("q")
    for name in names:
        try:
            states.extend(path_facts(f"{root}/{name}"))
        except (FileNotFoundError, NotADirectoryError):
            states.extend((0,) * _FACTS)
    return states


def _digest(states: array[int]) -> str:
    return hashlib.sha256(states.tobytes()).hexdigest()


def _are_settled(states: Iterable[array[int]], started: float) -> bool:
    """Return whether nothing was changed since shortly before a time."""
    latest = settle_time(started)
    return all(max(found[3::_FACTS]) < latest and max(found[4::_FACTS]) < latest for found in states)


def has_more(root: Path, specs: Iterable[str]) -> bool:
    """Return whether Git's index or the state folder give findings."""
    return bool(find_irregular(root) or check_index(root) or find_ignored_specs(root, filter(is_spec, specs)))
