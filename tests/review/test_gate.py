"""What must be accepted: a table of changes, each with the exact text, and with and without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import pytest

from generator.review.gate import demands
from tests.review.sides import FIRST, OTHER, PLATFORM, SECOND, SPECS, changes, edit

ADDED: Final = {**SPECS, SECOND: SPECS[FIRST].replace("v1", "v2").replace("2026-11-01", "2026-11-02")}
QUOTA: Final = edit(PLATFORM, "prod: {cluster: main,", "prod: {quota: {pods: 100}, cluster: main,")
PRIORITY: Final = edit(PLATFORM, "main: {domain", "main: {priorities: {high: {value: 1000}}, domain")
PORTS: Final = edit(FIRST, "command: run", 'ports: "8000,8001"\ncommand: run')
PUBLIC: Final = edit(OTHER, "replicas: 2\n", "replicas: 2\nhost: m.example.com\n", edit(FIRST, "host: m.", "host: k."))


class Case(NamedTuple):
    """A change, and the texts that must be accepted."""

    name: str
    before: Mapping[str, str]
    after: Mapping[str, str]
    texts: tuple[str, ...] = ()


def _without(file: str, specs: Mapping[str, str] = SPECS) -> dict[str, str]:
    return {name: text for name, text in specs.items() if name != file}


def _all(environment: str, *names: str, verb: str = "delete") -> tuple[str, ...]:
    return tuple(f"{verb} {environment}/{name}" for name in names)


CASES: Final = (
    # What needs no acceptance: the pods may restart, and requests may go to another service of the app.
    Case("a comment", SPECS, edit(FIRST, "command: run", "command: run # x")),
    Case("a variable", SPECS, edit(FIRST, "A: one", "A: two")),
    Case("a config file", SPECS, edit(FIRST, "a.txt: hello", "a.txt: bye")),
    Case("another file", SPECS, edit(FIRST, "a.txt: hello", "b.txt: hello")),
    Case("a label", SPECS, edit(FIRST, "command: run", "labels: {team: a}\ncommand: run")),
    Case("more replicas", SPECS, edit(OTHER, "replicas: 2", "replicas: 5")),
    Case("fewer replicas", SPECS, edit(OTHER, "replicas: 2", "replicas: 1")),
    Case("a memory", SPECS, edit(FIRST, "memory: 1G", "memory: 2G")),
    Case("a newer version takes the host over", SPECS, ADDED),
    Case("a roll-back", ADDED, edit(FIRST, "2026-11-01", "2026-11-03", ADDED)),
    Case("a split", ADDED, edit(SECOND, "command: run\n", "command: run\nsplit: m-1:20%\n", ADDED)),
    Case("a new service", _without(OTHER), SPECS),
    Case("a new environment of a service", edit(FIRST, "  test: {released: 2026-11-01T10:00:00Z}\n", ""), SPECS),
    Case("a new autoscaler", edit(FIRST, "hpa: cpu:50%\n", ""), SPECS),
    Case("a second port", SPECS, PORTS),
    Case("a larger quota", QUOTA, edit(PLATFORM, "pods: 100", "pods: 200", QUOTA)),
    Case("a default of the platform", SPECS, edit(PLATFORM, "clusters:", "defaults: {env: {X: y}}\nclusters:")),
    Case("a superseded service is removed", ADDED, _without(FIRST, ADDED)),
    # What needs it.
    Case("a service", SPECS, _without(OTHER), _all("prod", "p-prod/n-1")),
    Case(
        "the only service of two environments",
        SPECS,
        _without(FIRST),
        ("delete prod/p-prod/m-1", "delete test/p-test/m-1"),
    ),
    Case(
        "one environment of a service",
        SPECS,
        edit(FIRST, "  test: {released: 2026-11-01T10:00:00Z}\n", ""),
        _all("test", "p-test/m-1"),
    ),
    Case(
        "a host",
        SPECS,
        edit(FIRST, "host: m.", "host: k."),
        ("delete prod/host/m.example.com", "delete test/host/test.m.example.com"),
    ),
    Case(
        "a host of another app",
        SPECS,
        PUBLIC,
        (
            "delete prod/host/n-1.example.com",
            "delete test/host/test.m.example.com",
            "hand-over prod/host/m.example.com",
        ),
    ),
    Case("an autoscaler", SPECS, edit(FIRST, "hpa: cpu:50%\n", ""), _all("prod", "p-prod/HorizontalPodAutoscaler/m-1")),
    Case(
        "the route of a second port",
        PORTS,
        SPECS,
        (
            "delete prod/p-prod/VirtualService/m.example.com-8080",
            "delete test/p-test/VirtualService/test.m.example.com-8080",
        ),
    ),
    Case(
        "an environment that moves",
        SPECS,
        edit(PLATFORM, "prod: {cluster: main", "prod: {cluster: far"),
        ("move prod/p",),
    ),
    Case(
        "another namespace",
        SPECS,
        edit(PLATFORM, "test: {cluster: main,", 'test: {namespace: "{project}-x", cluster: main,'),
        ("move test/p",),
    ),
    Case("a quota", QUOTA, SPECS, _all("prod", "p-prod/ResourceQuota/servegen")),
    Case("a priority", PRIORITY, SPECS, _all("test", "PriorityClass/high")),
    Case(
        "a priority with another value",
        PRIORITY,
        edit(PLATFORM, "value: 1000", "value: 2000", PRIORITY),
        _all("test", "PriorityClass/high", verb="recreate"),
    ),
    Case(
        "two things at once",
        ADDED,
        edit(SECOND, "hpa: cpu:50%\n", "", _without(OTHER, ADDED)),
        ("delete prod/p-prod/n-1", "delete prod/p-prod/HorizontalPodAutoscaler/m-2"),
    ),
)


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 30


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_must_be_accepted(case: Case) -> None:
    found = changes(case.before, case.after)
    without = demands(found, [])
    assert tuple(one.text for one in without) == case.texts
    assert not any(one.accepted for one in without)
    assert all(one.accepted for one in demands(found, case.texts))
    for left_out in case.texts:
        rest = [text for text in case.texts if text != left_out]
        assert [one.text for one in demands(found, rest) if not one.accepted] == [left_out]


@pytest.mark.parametrize(
    ("given", "accepted"),
    [
        ("delete prod/p-prod/n-1", True),
        ("  delete   prod/p-prod/n-1 ", True),
        ("delete prod/p-prod/*", True),
        ("delete prod/*/*", True),
        ("delete */p-prod/n-1", False),
        ("delete prod/*", False),
        ("delete test/p-prod/n-1", False),
        ("recreate prod/p-prod/n-1", False),
        ("delete prod/p-prod/n-2", False),
        ("*", False),
        ("", False),
    ],
)
def test_a_trailer_names_the_change(given: str, accepted: bool) -> None:
    found = demands(changes(SPECS, _without(OTHER)), [given])
    assert [one.accepted for one in found] == [accepted]
