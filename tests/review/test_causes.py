"""Each change names the line that brought it: without that line, the value is another one."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import Any, Final, NamedTuple

import pytest

from generator.review.cause import Cause
from generator.review.model import Review
from generator.review.objects import ObjectKey
from tests.review.sides import FIRST, OTHER, PLATFORM, SECOND, SPECS, changes, edit

PROJECT: Final = "services/p/project.yaml"
BASE: Final = {
    **edit(PLATFORM, "clusters:", "defaults: {env: {LEVEL: low}}\nclusters:"),
    PROJECT: "defaults:\n  env: {TEAM: blue}\n  labels: {team: blue}\n",
}


class Edit(NamedTuple):
    """One edit of a file, and the key of the spec that it changes."""

    file: str
    old: str
    new: str
    key: str


EDITS: Final = (
    Edit(FIRST, "A: one", "A: two", "env.A"),
    Edit(FIRST, "replicas: 2~4", "replicas: 1~4", "replicas"),
    Edit(FIRST, "replicas: 3~6", "replicas: 4~9", "environments.prod.replicas"),
    Edit(FIRST, "memory: 1G", "memory: 2G", "resources.memory"),
    Edit(FIRST, "a.txt: hello", "a.txt: bye", "config.a.txt"),
    Edit(FIRST, "version: v1", "version: v3", "version"),
    Edit(FIRST, "host: m.", "host: k.", "host"),
    Edit(FIRST, "command: run", "command: run --fast", "command"),
    Edit(FIRST, "command: run", "volumes: x(configmap):/c\ncommand: run", "volumes"),
    Edit(FIRST, "hpa: cpu:50%", "hpa: cpu:70%", "hpa"),
    Edit(OTHER, "replicas: 2", "replicas: 3", "replicas"),
    Edit(OTHER, "command: run", "env: {B: one}\ncommand: run", "env"),
    Edit(PLATFORM, "{domain: example.com,", "{domain: example.org,", "clusters.main.domain"),
    Edit(PLATFORM, "{domain: example.com,", "{area: north, domain: example.com,", "clusters.main.area"),
    Edit(PLATFORM, "LEVEL: low", "LEVEL: high", "defaults.env.LEVEL"),
    Edit(PROJECT, "TEAM: blue", "TEAM: red", "defaults.env.TEAM"),
    Edit(PROJECT, "labels: {team: blue}", "labels: {team: red}", "defaults.labels.team"),
)


def _with(edits: tuple[Edit, ...]) -> dict[str, str]:
    specs = dict(BASE)
    for one in edits:
        specs = edit(one.file, one.old, one.new, specs)
    return specs


@cache
def _changes(edits: tuple[Edit, ...]) -> Review:
    return changes(BASE, _with(edits))


@cache
def _values(edits: tuple[Edit, ...]) -> dict[tuple[ObjectKey, str], Any]:
    found = _changes(edits)
    return {(c.key, leaf.difference.shown): leaf.difference.after for c in found.objects for leaf in c.leaves}


def _of(cause: Cause, edits: tuple[Edit, ...]) -> Edit:
    """Return the edit that a cause names: the key is that of the edit, or one below it."""
    file = cause.position.file
    found = [one for one in edits if one.file == file and f"{cause.key}.".startswith(f"{one.key}.")]
    assert len(found) == 1, (cause, found)
    return found[0]


def _sets() -> list[tuple[Edit, ...]]:
    alone: list[tuple[Edit, ...]] = [(one,) for one in EDITS]
    fitting = [some for some in combinations(EDITS, 3) if len({(one.file, one.old) for one in some}) == 3]
    return [*alone, *fitting[:: len(fitting) // 25]]


@pytest.mark.parametrize("edits", _sets(), ids=lambda some: " ".join(f"{one.file[-8:-5]}:{one.key}" for one in some))
def test_without_the_line_that_is_named_the_value_is_another(edits: tuple[Edit, ...]) -> None:
    found = _changes(edits)
    assert found.objects
    named = set[Edit]()
    for change in found.objects:
        for leaf in change.leaves:
            assert leaf.causes, leaf
            for cause in leaf.causes:
                culprit = _of(cause, edits)
                named.add(culprit)
                without = _values(tuple(one for one in edits if one is not culprit))
                place = change.key, leaf.difference.shown
                assert without.get(place, "as before") != leaf.difference.after, (place, cause)
        assert change.leaves or change.causes, change
    hidden = {one for one in edits if not _changes((one,)).objects}
    created = {_of(cause, edits) for change in found.objects for cause in change.causes}
    assert named | created | hidden == set(edits)


def test_positions_are_those_of_the_values() -> None:
    after = edit(FIRST, "env: {A: one}", "env: {A: one, NEW: x}", BASE)
    for before, head, removed in ((BASE, after, False), (after, BASE, True)):
        found = changes(before, head)
        causes = {cause for change in found.objects for leaf in change.leaves for cause in leaf.causes}
        assert [str(cause) for cause in causes] == [
            f"{FIRST}:10:20 env.NEW" + (" (removed; the line of the base)" if removed else "")
        ]


def test_a_takeover_names_the_stamp_of_the_new_owner() -> None:
    added = {**SPECS, SECOND: SPECS[FIRST].replace("v1", "v2").replace("2026-11-01", "2026-10-01")}
    found = changes(added, edit(SECOND, "prod: {released: 2026-10-01", "prod: {released: 2026-12-01", added))
    assert {str(cause) for host in found.hosts for cause in host.causes} == {
        f"{SECOND}:13:20 environments.prod.released"
    }
    leaving = [change for change in found.objects if change.effect == "takeover"]
    assert {str(cause) for change in leaving for cause in change.causes} == {
        f"{SECOND}:13:20 environments.prod.released"
    }
    assert len(leaving) > 3


def test_a_move_and_what_it_leaves_name_the_platform_file() -> None:
    found = changes(SPECS, edit(PLATFORM, "prod: {cluster: main,", "prod: {cluster: far,"))
    assert {cause.key for move in found.moves for cause in move.causes} == {"environments.prod.cluster"}
    gone = [change for change in found.objects if change.moved]
    assert {cause.key for change in gone for cause in change.causes} == {"environments.prod.cluster"}
