"""The two engines give equal verdicts and paths: the exact findings of a table, and hundreds of objects compared."""

from __future__ import annotations

import copy
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.schemas import embedded
from generator.schemas.catalogue import SchemaCatalog, minors
from generator.schemas.engines import Engine
from tests.schemas.objects import good_objects, mutated_objects
from tests.support.yaml_file import read_yaml

if TYPE_CHECKING:
    from generator.schemas.schema_error import SchemaError

TABLE: dict[str, Any] = read_yaml(Path(__file__).parent / "findings.yaml")
CASES: dict[str, Any] = TABLE["cases"]
GOOD = good_objects(24)
MUTATED = mutated_objects(GOOD, 3)
OPEN = SchemaCatalog.open("1.36")
Verdict = tuple[str, frozenset[tuple[str | int, ...]]]
VALID: Verdict = ("valid", frozenset())


def lines(findings: list[SchemaError]) -> list[str]:
    """One string per schema error, in the form of the table."""
    return [f"{finding.status} at {list(finding.path)}: {finding.message}" for finding in findings]


def changed(case: dict[str, Any]) -> dict[str, Any]:
    """The case's object: one of the bases with one value set, or deleted if the case gives none."""
    tree: dict[str, Any] = copy.deepcopy(TABLE["bases"][case["base"]])
    *parents, last = case["at"]
    node: Any = tree
    for step in parents:
        node = node[step]
    if "put" in case:
        node[last] = case["put"]
    else:
        del node[last]
    return tree


def verdicts(findings: list[SchemaError]) -> dict[int, Verdict]:
    """The verdict of an engine on each object that it does not accept: the status, and the paths."""
    paths: dict[int, set[tuple[str | int, ...]]] = {}
    for finding in findings:
        paths.setdefault(finding.index, set()).add(finding.path)
    status = {finding.index: finding.status for finding in findings}
    return {index: (status[index], frozenset(paths[index])) for index in paths}


def unreadable(embedded_said: Verdict, kubeconform_said: Verdict) -> bool:
    """Whether both engines refuse, and kubeconform stopped because it could not read the object's name."""
    names = {("metadata",), ("metadata", "name"), ("metadata", "namespace")}
    return kubeconform_said == ("error", frozenset({()})) and bool(embedded_said[1] & names)


@pytest.mark.parametrize("name", CASES)
def test_findings_of_the_embedded_engine(name: str) -> None:
    assert lines(embedded.validate([changed(CASES[name])], OPEN)) == CASES[name]["embedded"]


def test_findings_of_kubeconform(engines: dict[str, Engine]) -> None:
    objects = [changed(case) for case in CASES.values()]
    findings: list[list[SchemaError]] = [[] for _ in objects]
    for finding in engines["kubeconform"](objects, OPEN):
        findings[finding.index].append(finding)
    assert dict(zip(CASES, map(lines, findings), strict=True)) == {n: case["kubeconform"] for n, case in CASES.items()}


@pytest.mark.parametrize("minor", minors())
def test_good_objects_pass_both(minor: str, engines: dict[str, Engine]) -> None:
    catalogue = SchemaCatalog.open(minor)
    assert len(GOOD) >= 200
    assert {name: engine(GOOD, catalogue) for name, engine in engines.items()} == {"embedded": [], "kubeconform": []}


def test_mutated_objects_get_the_same_verdict_at_the_same_place(engines: dict[str, Engine]) -> None:
    objects = [tree for _, tree in MUTATED]
    said = {name: verdicts(engine(objects, OPEN)) for name, engine in engines.items()}
    embedded_said = [said["embedded"].get(index, VALID) for index in range(len(objects))]
    kubeconform_said = [said["kubeconform"].get(index, VALID) for index in range(len(objects))]
    different = [
        (accident, tree["kind"], one, other)
        for (accident, tree), one, other in zip(MUTATED, embedded_said, kubeconform_said, strict=True)
        if one != other and not unreadable(one, other)
    ]
    assert different == []
    counts = Counter((name, status) for (name, _), (status, _) in zip(MUTATED, embedded_said, strict=True))
    sys.stdout.write("\n".join(f"{name:24} {status:8} {count}" for (name, status), count in sorted(counts.items())))
    refused = sum(count for (_, status), count in counts.items() if status != "valid")
    assert (len(objects) >= 200, refused >= 200, len(objects) - refused >= 100) == (True, True, True)


# An empty key is lost in the library's path; no API accepts one.
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_keys_and_values_of_any_text_are_found_again(texts: list[str]) -> None:
    texts = list(dict.fromkeys(texts))
    wrong: dict[str, Any] = dict.fromkeys(texts, 5)
    tree = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"annotations": wrong}}
    found = {finding.path for finding in embedded.validate([tree], OPEN)}
    assert found == {("metadata", "annotations", text) for text in texts}


def test_kubeconform_validates_strings_that_break_yaml_readers(engines: dict[str, Engine]) -> None:
    keys = ["²", "0", "007", "a/b~1c", "it's", '"', "a\\b", "\U0001f600", "x\ny", "- at '/x': y", "<<", "on", "\x7f"]
    good = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"annotations": dict(zip(keys, keys, strict=True))}}
    bad = [{**good, "metadata": {"annotations": {key: 5}}} for key in keys]
    findings = engines["kubeconform"]([good, *bad], OPEN)
    assert [(f.index, f.path) for f in findings] == [
        (index, ("metadata", "annotations", key)) for index, key in enumerate(keys, start=1)
    ]


def test_a_place_that_kubeconform_garbles_is_the_whole_object(engines: dict[str, Engine]) -> None:
    tree = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"annotations": {"ends in \\": 5}}}
    findings = engines["kubeconform"]([tree], OPEN)
    assert [(finding.status, finding.path) for finding in findings] == [("invalid", ())]


def test_both_engines_agree(engines: dict[str, Engine]) -> None:
    # kubeconform walks maps in an order that differs from one object to the next.
    wrong = dict.fromkeys("fedcba", 5)
    tree = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"labels": wrong}, **wrong}
    findings = engines["kubeconform"]([copy.deepcopy(tree) for _ in range(30)], OPEN)
    said = [lines([f for f in findings if f.index == index]) for index in range(30)]
    assert said[0][0] == "invalid at []: additional properties 'a', 'b', 'c', 'd', 'e', 'f' not allowed"
    assert said == [said[0]] * 30


def test_nothing_to_judge() -> None:
    assert embedded.validate([], OPEN) == []
