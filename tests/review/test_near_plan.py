"""What a plan of the services near an edit gives is the whole plan; where that is not sure, there is none.

The whole plan is that of tests/pipeline/test_app_memory.py, without a cache.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache, reduce
from typing import TYPE_CHECKING, Any, Final

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.core.errors import RefusedError
from generator.pipeline.file_facts import FactMemory
from generator.pipeline.plan import Plan, plan
from generator.repo.cache.store import ResultStore
from generator.review.fleet_facts import fleet_facts
from generator.review.near_plan import names_of, near_plan
from tests.review.edits import EDITS, FAR, FLEET, ONE, PLATFORM, TWO, Edit, apply, loader_of, specs_of
from tests.support.corpus import FOLDER, Case, read
from tests.support.fuzz import examples
from tests.support.process_folder import process_folder

if TYPE_CHECKING:
    from generator.pipeline.fleet_memory import FleetMemory

    Files = tuple[tuple[str, str], ...]

NOW: Final = datetime(2026, 11, 5, tzinfo=UTC)
_LINKED: Final = "patches:\n  - {kind: Deployment, spec: {template: {spec: {enableServiceLinks: true}}}}\n"
# What no other service knows, with the number of files that it changes; None if the whole plan is needed.
_EDITS: Final[Mapping[Edit, int | None]] = {
    Edit(ONE, "hello", "bye"): 1,
    Edit(ONE, "command: run", "command: run  # as before"): 0,
    Edit(ONE, "command: run", "command: run 1"): 1,
    Edit(ONE, "command: run\n", "command: run\ndescription: the first\n"): 1,
    Edit(ONE, "command: run\n", "command: run\nenv: {LEVEL: '7'}\n"): 1,
    Edit(ONE, "test: {", "test: {env: {X: '7'}, "): 1,
    Edit(ONE, "prod: {", "prod: {env: {X: '7'}, "): 0,  # where another service has replaced it
    Edit(TWO, "{LEVEL: high}", "{LEVEL: high, X: '7'}"): 1,
    Edit(FAR, "command: run\n", "command: run\nenv: {X: '7'}\n"): 1,
    Edit(FAR, "command: run\n", "command: run 7\n"): 1,
    # The variables may come from another object, or decide about others.
    Edit(ONE, "command: run\n", "command: run\nenv: {LEVEL: null}\n"): None,
    Edit(ONE, "command: run\n", "command: run\nenv: {LEVEL: {secret: hub/token}}\n"): None,
    Edit(ONE, "config: {a.txt: hello}\n", ""): None,
    Edit(ONE, "command: run\n", ""): None,
    Edit(ONE, "command: run\n", "command: run\nimage: example.com/x:1\n"): None,
    Edit(ONE, "command: run\n", "command: run\nwaivers: [{check: C24, reason: no matter}]\n"): None,
    # Findings come or go.
    Edit(FAR, "command: run\n", "command: run\nenv: {X: http://test.m.example.com}\n"): None,
    Edit(FAR, "command: run\n", "command: run\nenv: {M_1: '7'}\n"): None,
    Edit(FAR, "command: run\n", "comand: run\n"): None,
    Edit(ONE, "hello", "AKIAQ3EGRT5YTEST7WXZ"): None,
    # More than values of services.
    Edit(ONE, "memory: 1G", "memory: 2G"): None,
    Edit(ONE, "replicas: 3~6", "replicas: 3~9"): None,
    Edit(ONE): None,
    Edit("services/p/a/m-3.yaml", "", FLEET[TWO]): None,
    Edit(PLATFORM, "LEVEL: low", "LEVEL: lower"): None,
    Edit("services/p/models/m.yaml", "/models/m/1", "/models/m/7"): None,
}
_CHECKS: Final = ("C01", "C24", "C29", "C39", "C41", "C45", "G09", "N08", "N09")
_ALL: Final = (*(edit for edit in EDITS if not edit.file.startswith("templates/")), *_EDITS)


@cache
def _store() -> ResultStore:
    return ResultStore(process_folder() / "results", 10**8)


def _plan(specs: Mapping[str, bytes], memory: FleetMemory | None = None) -> Plan:
    return plan(specs, loader_of({}), now=NOW, fleet_memory=memory)


@lru_cache(maxsize=64)
def _whole(files: Files) -> Plan | None:
    """Return the plan of some files, None if it has errors."""
    try:
        made = _plan(specs_of(dict(files)))
    except RefusedError:
        return None
    return None if made.has_errors else made


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> int | None:
    """Return how many files an edit changes, None if the whole plan is needed; require that this is all it changes."""
    old, specs = _whole((*before.items(),)), specs_of(before)
    if old is None:
        return None
    facts = FactMemory(_store(), "near plan", lambda: True)
    facts.read([specs])
    facts.keep(fleet_facts(old.fleet, specs))
    try:
        found = near_plan((specs, specs_of(after)), loader_of({}), facts, names_of(old.fleet), _plan)
    except RefusedError:
        return None
    if found is None or not found.leaves(old.findings):
        return None
    if found.old != {
        file: text for file, text in old.files.items() if file in found.old or file.startswith(found.apps)
    }:
        return None
    new = _plan(specs_of(after))
    assert (old.findings, old.ungranted, old.versions) == (new.findings, new.ungranted, new.versions)
    assert {**old.files, **found.new} == new.files
    return len(found.new)


def test_which_edits_need_no_whole_plan() -> None:
    assert {edit: _changed(FLEET, apply(FLEET, edit)) for edit in _EDITS} == _EDITS


def test_a_variable_with_the_name_of_another_service_needs_the_whole_plan() -> None:
    """N08: with service links, Kubernetes sets the variable too. The other service is in another app."""
    linked = apply(FLEET, Edit(FAR, "environments:\n", f"{_LINKED}environments:\n"))
    linked = {**linked, "services/q/d/redis.yaml": FLEET[FAR].replace("15", "16")}
    edit = Edit(FAR, "command: run\n", "command: run\nenv: {REDIS_URL: '7'}\n")
    assert _changed(linked, apply(linked, edit)) is None
    assert _changed(linked, apply(linked, edit._replace(new="command: run\nenv: {CACHE_URL: '7'}\n"))) == 1


def test_a_finding_that_moves_needs_the_whole_plan() -> None:
    """C39: the host belongs to another service, so that a plan of near services does not find it."""
    before = {**FLEET, FAR: FLEET[FAR] + "env:\n  X: http://test.m.example.com\n"}
    assert _changed(before, apply(before, Edit(FAR, "env:\n", "env:\n  # moved\n"))) is None


@settings(max_examples=examples(8, of=40), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(_ALL), max_size=3), st.lists(st.sampled_from(list(_EDITS)), min_size=1, max_size=3))
def test_a_plan_of_near_services_is_the_whole_plan(start: list[Edit], edits: list[Edit]) -> None:
    before = reduce(apply, start, dict(FLEET))
    _changed(before, reduce(apply, edits, before))


def _services(case: Case) -> list[tuple[str, dict[str, Any]]]:
    """Return the service files of a case of the corpus, with what they contain."""
    files = [name for name in case.files if re.fullmatch("services/[^/]+/(?!models/)[^/]+/[^/]+", name)]
    return [(file, _read(case.files[file])) for file in files]


def _read(text: bytes) -> dict[str, Any]:
    data = yaml.load(text, Loader=yaml.BaseLoader)
    stanzas = data.get("environments")
    return (
        {**data, "environments": {key: it or {} for key, it in stanzas.items()}} if isinstance(stanzas, dict) else data
    )


def _blank(data: Any, *, own: bool = False) -> Any:
    """Return the data of a spec with other values where nobody else reads them."""
    match data:
        case dict():
            return {key: _blank(value, own=own or key in ("command", "config", "env")) for key, value in data.items()}
        case str() if own:
            return "x"
    return data


@cache
def _cases() -> list[Case]:
    """Return the cases of checks about values that nobody else reads, and some that look at other services too."""
    found = [case for id in _CHECKS for case in read(id, (FOLDER / f"{id}.yaml").read_text("utf-8"))]
    return [case for case in found if any(_blank(data) != data for _, data in _services(case))]


@settings(max_examples=examples(8, of=40), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10_000), st.booleans())
def test_an_edit_that_adds_or_removes_a_finding_needs_the_whole_plan(number: int, reverse: bool) -> None:
    case = _cases()[number % len(_cases())]
    texts = {name: content.decode() for name, content in case.files.items()}
    after = texts | {file: yaml.safe_dump(data, sort_keys=False) for file, data in _services(case)}
    before = texts | {file: yaml.safe_dump(_blank(data), sort_keys=False) for file, data in _services(case)}
    _changed(*((after, before) if reverse else (before, after)))
