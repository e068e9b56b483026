"""Of two findings about one mistake at one line, the one that says more is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from generator.checks.same_line import drop_second_findings
from generator.core.finding import Finding, Position, Severity
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import plan
from tests.support.corpus import cases

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLACE = Position("services/p/a/m-1.yaml", 3, 7)
_LOADER = TemplateLoader((templates_root(),))


# The case of the corpus with the mistake, what is reported at its line, and what is not.
@pytest.mark.parametrize(
    ("name", "reported", "dropped"),
    [
        ("A08: another size of a group, and a node for its leader", "A08", "A05"),
        ("A08: external addresses, which A12 reports", "A12", "A08"),
        ("A15: a patch that opens the policy, and the defaults of a project", "A15", "M03"),
        ("D04: pods after the routes", "D04", "A09"),
        ("G04: the default scheduler, a node and a privileged container", "G04", "O01"),
        ("H02: a host that is new, and that a newer release has", "H02", "F17"),
        ("H02: a new stamp of one that would wait, but is older than the owner", "H02", "H17"),
        ("M03: the capabilities that a container gives up, and the values of a card", "M03", "Q06"),
        ("N11: a name that leaves no room for the hash after its groups", "N11", "N03"),
        ("O01: a rolling update beside another strategy", "O01", "S07"),
        ("O02: a negative grace period", "O02", "S11"),
        ("O03: pods that the selector does not select, which N06 reports", "N06", "A09"),
        ("S21: gpu on vLLM, on a cluster without prometheus-adapter", "S04", "S21"),
        ("W03: ids that do not exist, and errors that are facts", "W03", "W01"),
    ],
)
def test_one_mistake_is_one_finding(name: str, reported: str, dropped: str) -> None:
    (case,) = (case for case in cases() if str(case) == name)
    found = plan(case.files, _LOADER, now=case.now, base=case.base).findings
    lines = _lines(found, reported)
    assert lines
    assert not lines & _lines(found, dropped)


def test_an_app_that_is_removed_with_its_models_is_one_finding() -> None:
    (case,) = (case for case in cases() if str(case) == "C21: a model and its services, in one change")
    assert [finding.id for finding in plan(case.files, _LOADER, base=case.base).findings] == ["F06"]


def _lines(findings: Sequence[Finding], id: str) -> set[tuple[str, int]]:
    return {(finding.position.file, finding.position.line) for finding in findings if finding.id == id}


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ({}, {}, 1),
        ({}, {"position": replace(_PLACE, line=4)}, 2),
        ({"environments": ("prod",)}, {"environments": ("prod",)}, 1),
        ({"environments": ("prod",)}, {"environments": ("prod", "test")}, 2),
        ({"environments": ("prod",)}, {}, 1),
        ({}, {"environments": ("prod",)}, 1),
        ({"severity": Severity.WARNING}, {}, 2),
        ({"severity": Severity.WARNING}, {"severity": Severity.WARNING}, 1),
        ({"severity": Severity.WAIVED}, {"severity": Severity.WARNING}, 2),
        ({}, {"severity": Severity.WAIVED}, 2),
    ],
)
def test_a_finding_speaks_for_its_line_and_its_environments(
    first: dict[str, object], second: dict[str, object], kept: int
) -> None:
    speaker, other = Finding("O02", "refused", _PLACE), Finding("S11", "too short", _PLACE)
    pair = [replace(other, **second), replace(speaker, **first)]
    assert len(drop_second_findings(pair)) == kept
