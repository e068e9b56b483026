"""Each check finds its seeded defects at their lines, with fixes that work, reports no near-miss, and has a page."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import cast

import pytest

from generator.checks import api
from generator.checks.capacity import CapacityCheck, capacity_checks
from generator.checks.files import FileCheck, file_checks
from generator.checks.fleet import Check, fleet_checks
from generator.checks.grants import GrantCheck, grant_checks
from generator.checks.objects import ObjectCheck, object_checks
from generator.checks.waivers import WaiverCheck, waiver_checks
from generator.core.finding import Finding
from generator.report import text
from tests.recall import Count, counts, false_alarms, table
from tests.support.clean import fleets
from tests.support.corpus import FOLDER, Case, cases, expected, findings, outcome, read
from tests.support.fixes import wrong_fixes

AnyCheck = FileCheck | Check | GrantCheck | ObjectCheck | CapacityCheck | WaiverCheck | api.Page
ALL_CHECKS: tuple[AnyCheck, ...] = (
    *file_checks(),
    *fleet_checks(),
    *grant_checks(),
    *object_checks(),
    *capacity_checks(),
    *waiver_checks(),
    *api.pages(),
)
# Ids that are reported before the checks run, and that have no check module.
ELSEWHERE = ("C27", "M03", "M04", "N02")


# A test for each check: what xdist does for a test would take as long as the cases of most.
@pytest.mark.parametrize("id", sorted(path.stem for path in FOLDER.glob("*.yaml")))
def test_a_check_finds_just_what_its_cases_list_and_each_fix_removes_its_finding(id: str) -> None:
    own = [case for case in cases() if case.id == id]
    found = {case.name: findings(case) for case in own}
    wrong = {case.name: outcome(case, found[case.name]) for case in own}
    assert wrong == {case.name: expected(case) for case in own}
    bad = {case.name: wrong_fixes(case.files, found[case.name], partial(_changed, case))[1] for case in own}
    assert {name: fixes for name, fixes in bad.items() if fixes} == {}


def _changed(case: Case, files: dict[str, bytes]) -> Sequence[Finding]:
    return findings(replace(case, files=files))


def test_each_check_has_a_defect_and_a_near_miss() -> None:
    wanted = itertools.product((*(check.ID for check in ALL_CHECKS), *ELSEWHERE), ("defect", "near-miss"))
    assert set(wanted) - {(case.id, "defect" if case.finds else "near-miss") for case in cases()} == set()


def test_each_check_has_a_manual_page_with_two_snippets() -> None:
    assert [(check.ID, wrong) for check in ALL_CHECKS for wrong in _mistakes_of_page(check)] == []


def _mistakes_of_page(check: AnyCheck) -> Iterator[str]:
    module = cast("ModuleType", check)
    page = module.__doc__ or ""
    if not page.startswith(f"{check.ID}: "):
        yield "the page does not start with the id"
    if not module.__name__.rpartition(".")[2].startswith(f"{check.ID.lower()}_"):
        yield "the name of the module does not start with the id"
    for word in ("Passes", "Fails"):
        if re.search(rf"^{word}\b.*(?:\n.+)*:\n\n    \S", page, re.MULTILINE) is None:
            yield f"no snippet that {word.lower()}"


def test_cases_have_different_names() -> None:
    names = [str(case) for case in cases()]
    assert len(set(names)) == len(names)


_MISJUDGED = """
- name: a defect that is listed at the wrong line
  files:
    m-1: |
      replicas: 3
      hpa: cpu:50%
  finds: [m-1:2 warning]
- name: a defect that is called a near-miss
  files:
    m-1: |
      replicas: 3
      hpa: cpu:50%
- name: a near-miss
  files:
    m-1: 'replicas: 3'
"""


def test_what_is_missed_and_what_is_found_too_much_is_counted() -> None:
    rows = counts(read("S01", _MISJUDGED))
    assert rows == [Count("S01", defects=1, found=0, near_misses=2, false_positives=2)]
    text, perfect = table(rows)
    assert text == (
        "check   defects  found  near-misses  false positives\n"
        "S01           1      0            2                2\n"
        "all           1      0            2                2\n"
        "recall 0.0 %, 2 false positives\n"
    )
    assert not perfect


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- files: {}", "expected a case with a name"),
        ("- {name: x, find: []}", "expected a case with a name"),
        ("- {name: x, finds: ['m-1:3']}", "expected a finding such as m-1:3 error"),
        ("- {name: x, platform: {'no such text': y}}", "found 'no such text' 0 times"),
    ],
)
def test_a_case_with_a_mistake_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        read("S01", text)


def test_clean_fleets_have_no_finding() -> None:
    # One for each delivery tool, with both kinds of routes: `make recall` judges 1,000 services.
    assert [text.block(*alarm) for alarm in false_alarms(fleets(3))] == []


def test_a_finding_about_a_clean_fleet_is_counted() -> None:
    (files,) = fleets(1)
    key = "services/team-0/model-0/model-0-1.yaml"
    (alarm, *_) = false_alarms([files | {key: files[key].replace(b"version: v1", b"version: v9")}])
    assert (alarm[0].id, alarm[0].position.file) == ("C15", key)
